import { expect, test } from "vitest";
import { logLine } from "./log-line.ts";
import { createLogger } from "./logger.ts";

test.each([
  ["info", { durationMs: 62 }, "every gate is open"],
  ["warn", { gates: [{ job: "blog" }], text: 'a "quoted"\nline', nothing: undefined }, "look"],
  ["error", {}, "no fields"],
  ["info", { text: "\u001b[2J\u009b2J\u202e" }, "hostile text"],
] as const)("a %s line is the one that the logger writes", (level, fields, message) => {
  let written = "";
  createLogger("waiter", "trace", { write: (text) => (written += text) })[level](fields, message);
  const { time } = JSON.parse(written) as { time: string };
  expect(logLine("waiter", level, fields, message, new Date(time))).toBe(written);
});

test("no text in a field controls a terminal or ends the line, and a parser still reads it as it was", () => {
  const text = '\u001b[2J\u009b2J\r\u2028\u202e\n{"level":"info","msg":"migrator ended"}';
  const line = logLine("migrator", "info", { text }, "applied migration");
  expect(line).toMatch(/^[\u0020-\u007e]*\n$/);
  expect(JSON.parse(line)).toMatchObject({ text });
});
