import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVersion } from "./files/file-name.ts";
import type { MigrationFile } from "./files/migration-files.ts";
import type { HistoryRow } from "./history/read.ts";
import { pendingUntil, planMigrations } from "./plan.ts";

const version = (key: string) => parseVersion(/^\d+/.exec(key)?.[0] ?? key);
const files = (...keys: string[]): MigrationFile[] =>
  keys.map((key) => ({ key, path: `${key}.sql`, version: version(key), text: "", checksum: "same" }));
const row = (key: string, more: Partial<HistoryRow> = {}): HistoryRow => ({
  key,
  version: version(key),
  checksum: "same",
  state: "done",
  breaking: false,
  ...more,
});
const keys = (items: readonly { readonly key: string }[]) => items.map(({ key }) => key);

test("what is not done is pending, a started migration too", () => {
  const plan = planMigrations(files("1_a", "2_b", "3_c"), [row("1_a"), row("2_b", { state: "started" })]);
  expect({ pending: keys(plan.pending), started: plan.started, newest: plan.newest }).toEqual({
    pending: ["2_b", "3_c"],
    started: ["2_b"],
    newest: "1_a",
  });
});

test("rows without a file are newer or missing, by their version", () => {
  const plan = planMigrations(files("2_b", "10_d"), [row("2_b"), row("9_c"), row("11_e", { breaking: true })]);
  expect({ missing: keys(plan.missing), newer: keys(plan.newer) }).toEqual({ missing: ["9_c"], newer: ["11_e"] });
  expect(keys(planMigrations(files("2_b", "10_d"), [row("9_c")], ["9_*"]).missing)).toEqual([]);
});

test("the last breaking migration is the one that was finished last, whatever its version, also without a file", () => {
  const breaking = (key: string, finishedAt: string, more: Partial<HistoryRow> = {}) =>
    row(key, { breaking: true, finishedAt, ...more });
  const rows = [
    row("1_a", { finishedAt: "2026-01-09T00:00:00.000Z" }),
    breaking("2_b", "2026-01-03T00:00:00.000Z"),
    breaking("3_c", "2026-01-02T00:00:00.000Z"),
    breaking("4_d", "2026-01-08T00:00:00.000Z", { state: "started" }),
  ];
  const breakingAppliedAt = "2026-01-03T00:00:00.000Z";
  expect(planMigrations(files("1_a", "2_b", "3_c", "4_d"), rows)).toMatchObject({ breakingAppliedAt });
  expect(planMigrations(files("1_a"), rows)).toMatchObject({ breakingAppliedAt });
  expect(planMigrations(files("1_a"), [row("1_a")])).not.toHaveProperty("breakingAppliedAt");
});

test("a pending file older than the newest applied one is out of order", () => {
  expect(keys(planMigrations(files("1_a", "2_b", "3_c"), [row("2_b")]).outOfOrder)).toEqual(["1_a"]);
});

test("a started row makes nothing out of order", () => {
  expect(planMigrations(files("1_a", "2_b"), [row("2_b", { state: "started" })]).outOfOrder).toEqual([]);
});

test("another checksum is a change, unless the migration is still being applied", () => {
  const rows = [row("1_a", { checksum: "other" }), row("2_b", { checksum: "other", state: "started" })];
  expect(planMigrations(files("1_a", "2_b"), rows).changed.map(({ row: { key } }) => key)).toEqual(["1_a"]);
});

test("a target ends the pending migrations, and has to exist", () => {
  const all = files("1_a", "2_b", "3_c");
  expect(keys(pendingUntil(all, all, "2_b"))).toEqual(["1_a", "2_b"]);
  expect(() => pendingUntil(all, all, "4_d")).toThrow(/no migration 4_d; the newest is 3_c/);
});

test("every file is either applied or pending, every unknown row either missing or newer", () => {
  const someKeys = fc.uniqueArray(
    fc.nat({ max: 30 }).map((n) => `${n}_x`),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(someKeys, someKeys, (fileKeys, rowKeys) => {
      const ordered = files(...fileKeys).sort((a, b) => Number.parseInt(a.key, 10) - Number.parseInt(b.key, 10));
      const plan = planMigrations(
        ordered,
        rowKeys.map((key) => row(key)),
      );
      expect(plan.applied.length + plan.pending.length).toBe(fileKeys.length);
      expect(plan.applied.length + plan.missing.length + plan.newer.length).toBe(rowKeys.length);
      expect(keys(plan.pending)).toEqual(keys(ordered).filter((key) => !rowKeys.includes(key)));
    }),
  );
});
