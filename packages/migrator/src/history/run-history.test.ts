import { expect, test } from "vitest";
import { parseVersion } from "../files/file-name.ts";
import type { HistoryRow } from "./row.ts";
import { runHistory } from "./run-history.ts";

const readAt = "2026-01-10T00:00:00.000Z";
const row = (version: string, day: number, more: Partial<HistoryRow> = {}): HistoryRow => ({
  key: version,
  version: parseVersion(version),
  checksum: "same",
  state: "done",
  breaking: true,
  finishedAt: `2026-01-0${day}T00:00:00.000Z`,
  ...more,
});

test("the last breaking migration is the one that was finished last, whatever its version", () => {
  const rows = [row("1", 9, { breaking: false }), row("2", 3), row("3", 2), row("4", 8, { state: "started" })];
  expect(runHistory({ readAt, rows })).toEqual({ readAt, breakingAppliedAt: "2026-01-03T00:00:00.000Z" });
});

test("a history without a breaking migration tells of none", () => {
  expect(runHistory({ readAt, rows: [row("1", 1, { breaking: false })] })).toEqual({ readAt });
  expect(runHistory({ readAt, rows: [] })).toEqual({ readAt });
});
