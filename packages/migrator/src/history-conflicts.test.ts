import { createLogger } from "@migration-gate/cli-runtime/logger";
import { expect, test } from "vitest";
import type { Session } from "./database/session.ts";
import { parseVersion } from "./files/file-name.ts";
import type { MigrationFile } from "./files/migration-files.ts";
import type { Script } from "./files/script.ts";
import { textSource } from "./files/script-source.ts";
import type { HistoryRow } from "./history/row.ts";
import { defaultHistory } from "./history/table.ts";
import { checkBegun, checkConflicts } from "./history-conflicts.ts";
import { planMigrations } from "./plan.ts";

const version = (key: string) => parseVersion(/^\d+/.exec(key)?.[0] ?? key);
const file = (key: string, text = "select 1"): MigrationFile => ({
  key,
  path: `${key}.sql`,
  version: version(key),
  size: text.length,
  checksum: text,
  open: () => textSource(text),
});
const row = (key: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  key,
  version: version(key),
  checksum: "select 1",
  state: "done",
  breaking: false,
  ...more,
});

/** Judges files and rows, with what the history has kept of the scripts; returns what was warned about. */
async function judge(
  files: readonly MigrationFile[],
  rows: readonly HistoryRow[],
  { stored = {}, allowOutOfOrder = false }: { stored?: Record<string, string | null>; allowOutOfOrder?: boolean } = {},
): Promise<string[]> {
  const warnings: string[] = [];
  const log = createLogger("test", "warn", { write: (line) => warnings.push(JSON.parse(line).msg) });
  const answer = Object.entries(stored).map(([key, script]) => ({ key, script }));
  const session = { query: async () => answer } as unknown as Session;
  await checkConflicts(session, defaultHistory, planMigrations(files, rows), { allowOutOfOrder, log });
  return warnings;
}

test("files and history that agree are no conflict", async () => {
  expect(await judge([file("1_a"), file("2_b")], [row("1_a")])).toEqual([]);
});

test("an edit of comments is a warning, an edit of SQL a conflict that shows both lines", async () => {
  const rows = [row("1_a", { checksum: "before" })];
  expect(await judge([file("1_a", "select 1 -- why")], rows, { stored: { "1_a": "select  1" } })).toEqual([
    "applied migration was edited, in comments or layout only",
  ]);
  await expect(judge([file("1_a", "\nselect 2")], rows, { stored: { "1_a": "select 1" } })).rejects.toMatchObject({
    message: expect.stringMatching(/1_a\.sql was changed [\s\S]*repair 1_a"\n- select 1\n\+ select 2$/),
    place: { migration: "1_a", file: "1_a.sql", line: 2 },
  });
});

test("a change of a script that the history has not kept is a conflict, and all changes are counted", async () => {
  const rows = ["1_a", "2_b"].map((key) => row(key, { checksum: "before" }));
  await expect(judge([file("1_a"), file("2_b")], rows, { stored: { "1_a": null } })).rejects.toThrow(
    /^1_a\.sql was changed after it was applied \(and 1 more\)/,
  );
});

test("applied migrations without files are a conflict that names them", async () => {
  await expect(judge([file("3_c")], [row("1_a"), row("2_b"), row("3_c")])).rejects.toThrow(/^1_a, 2_b are applied/);
});

test("a newer database is a warning, unless what is newer is marked breaking", async () => {
  expect(await judge([file("1_a")], [row("1_a"), row("2_b")])).toEqual(["the database is newer than these files"]);
  await expect(judge([file("1_a")], [row("1_a"), row("2_b"), row("3_c", { breaking: true })])).rejects.toThrow(
    /and 3_c is marked breaking/,
  );
});

test("a pending file below an applied one is a conflict, unless that is allowed", async () => {
  const state = [[file("1_a"), file("2_b")], [row("2_b")]] as const;
  await expect(judge(...state)).rejects.toThrow(/^1_a\.sql is pending but older than 2_b/);
  expect(await judge(...state, { allowOutOfOrder: true })).toEqual([]);
});

test("what was begun statement by statement cannot go on as a transaction", () => {
  const script = (kind: string) => ({ file: file("1_a"), execution: { kind } }) as Script;
  const begun = planMigrations([file("1_a")], [row("1_a", { state: "started" })]);
  expect(() => checkBegun([script("transaction")], begun, defaultHistory)).toThrow(
    /run "migrator resolve 1_a --undone"/,
  );
  expect(() => checkBegun([script("units")], begun, defaultHistory)).not.toThrow();
  expect(() => checkBegun([script("transaction")], planMigrations([file("1_a")], []), defaultHistory)).not.toThrow();
});
