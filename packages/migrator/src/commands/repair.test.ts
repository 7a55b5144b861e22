import { expect, test } from "vitest";
import { describeChange } from "./repair.ts";

test.each([
  ["none", undefined, "1.sql is as it was applied: nothing to repair"],
  ["layout", undefined, "accepted 1.sql, which differs in comments or layout only"],
  ["meaning", undefined, "accepted 1.sql; the history had no text to compare it with"],
  [
    "meaning",
    { line: 2, before: "a int", after: "a bigint" },
    "accepted 1.sql, which differs from what was applied at line 2:\n- a int\n+ a bigint",
  ],
] as const)("a repair says what it accepted: %s", (change, difference, text) => {
  expect(describeChange("1.sql", change, difference)).toBe(text);
});
