import { expect, test } from "vitest";
import { lockKey } from "./lock.ts";

test("the key depends on database, history and set, and is the same in every version", () => {
  const keys = [
    lockKey("d", "migration_gate.history", "default"),
    lockKey("e", "migration_gate.history", "default"),
    lockKey("d", "other.history", "default"),
    lockKey("d", "migration_gate.history", "other"),
  ];
  expect(new Set(keys).size).toBe(4);
  // Two versions that disagree would migrate side by side.
  expect(keys[0]).toBe(-8860974698602045866n);
});
