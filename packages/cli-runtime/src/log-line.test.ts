import { expect, test } from "vitest";
import { logLine } from "./log-line.ts";
import { createLogger } from "./logger.ts";

test.each([
  ["info", { durationMs: 62 }, "every gate is open"],
  ["warn", { gates: [{ job: "blog" }], text: 'a "quoted"\nline', nothing: undefined }, "look"],
  ["error", {}, "no fields"],
] as const)("a %s line is the one that the logger writes", (level, fields, message) => {
  let written = "";
  createLogger("waiter", "trace", { write: (text) => (written += text) })[level](fields, message);
  const { time } = JSON.parse(written) as { time: string };
  expect(logLine("waiter", level, fields, message, new Date(time))).toBe(written);
});
