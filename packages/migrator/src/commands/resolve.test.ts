import { expect, test } from "vitest";
import { parseVersion } from "../files/file-name.ts";
import { textSource } from "../files/script-source.ts";
import type { HistoryRow } from "../history/row.ts";
import { needsSettling, resolutionOf } from "./resolve.ts";

const entry = { key: "1_a", version: parseVersion("1"), checksum: "same" };
const file = { ...entry, path: "1_a.sql", size: 0, open: () => textSource("") };
const row = (state: HistoryRow["state"]): HistoryRow => ({ ...entry, state, breaking: false });

test("exactly one of --done and --undone is needed", () => {
  expect(resolutionOf({ done: true, undone: false })).toBe("done");
  expect(resolutionOf({ done: false, undone: true })).toBe("undone");
  expect(() => resolutionOf({ done: true, undone: true })).toThrow(/exactly one/);
  expect(() => resolutionOf({ done: false, undone: false })).toThrow(/exactly one/);
});

test("what was begun is settled, what is so already is left", () => {
  expect(needsSettling(file, row("started"), "done")).toBe(true);
  expect(needsSettling(file, row("started"), "undone")).toBe(true);
  expect(needsSettling(file, row("done"), "done")).toBe(false);
  expect(needsSettling(file, undefined, "undone")).toBe(false);
});

test("what is applied cannot be undone, what was never begun cannot be done", () => {
  expect(() => needsSettling(file, row("done"), "undone")).toThrow(/1_a\.sql is applied/);
  expect(() => needsSettling(file, undefined, "done")).toThrow(/1_a\.sql was not begun/);
});
