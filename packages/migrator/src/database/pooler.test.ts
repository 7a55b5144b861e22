import { expect, test } from "vitest";
import { judgePooler } from "./pooler.ts";

test.each([
  ["auto", 7, 7, "none"],
  ["auto", 7, 8, "transaction"],
  ["auto", null, 8, "transaction"],
  ["none", 7, 8, "none"],
  ["session", 7, 8, "session"],
  ["transaction", 7, 7, "transaction"],
] as const)("--pooler %s with process numbers %s and %s means %s", (setting, connectionPid, backendPid, mode) => {
  expect(judgePooler(setting, connectionPid, backendPid).mode).toBe(mode);
});
