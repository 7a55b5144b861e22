import { expect, test } from "vitest";
import { parseVersion } from "../files/file-name.ts";
import { textSource } from "../files/script-source.ts";
import type { HistoryRow } from "../history/row.ts";
import { defaultHistory } from "../history/table.ts";
import { planMigrations } from "../plan.ts";
import { unmarked } from "./baseline.ts";

const entry = (key: string) => ({ key, version: parseVersion(key.split("_")[0] ?? ""), checksum: "same" });
const files = ["1_a", "2_b", "3_c"].map((key) => ({
  ...entry(key),
  path: `${key}.sql`,
  size: 0,
  open: () => textSource(""),
}));
const row = (key: string, state: HistoryRow["state"] = "done"): HistoryRow => ({
  ...entry(key),
  state,
  breaking: false,
});
const marks = (key: string, ...rows: HistoryRow[]) =>
  unmarked(planMigrations(files, rows), files, key, defaultHistory).map((file) => file.key);

test("a baseline marks what is not applied yet, up to its migration", () => {
  expect(marks("2_b")).toEqual(["1_a", "2_b"]);
  expect(marks("2_b", row("1_a"))).toEqual(["2_b"]);
  expect(marks("2_b", row("1_a"), row("2_b"), row("3_c"))).toEqual([]);
});

test("a baseline past a gap or over a started migration is refused", () => {
  expect(() => marks("1_a", row("2_b"))).toThrow(/1_a\.sql is not applied although 2_b/);
  expect(() => marks("2_b", row("2_b", "started"))).toThrow(/2_b\.sql was begun and not finished/);
});
