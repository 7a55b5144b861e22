import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["2s", 2000],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
])("reads %s as %i milliseconds", (text, milliseconds) => {
  expect(parseDuration(text, "--timeout")).toBe(milliseconds);
});

test.each(["597h", "9e9h", `${"9".repeat(400)}ms`])("refuses %j, which no timer takes", (text) => {
  expect(() => parseDuration(text, "--timeout")).toThrow(/^--timeout: /);
});

test.each(["", "5", "5 m", "m", "-5s", "5m x"])("refuses %j and says how to write it", (text) => {
  expect(() => parseDuration(text, "--timeout")).toThrow(/--timeout: .* is not a duration; write it like 500ms/);
});

test.each([
  [850, "850 ms"],
  [12_300, "12.3 s"],
  [245_000, "4 min 05 s"],
])("formats %i milliseconds as %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
