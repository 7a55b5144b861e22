import { expect, test } from "vitest";
import { backoffMs, WaitBudget } from "./wait-budget.ts";

test("only time spent waiting is charged, failures too", async () => {
  let now = 0;
  const budget = new WaitBudget(100, () => now);
  now += 1000;
  expect(budget.remainingMs).toBe(100);
  await budget.spend(async () => {
    now += 30;
  });
  const failure = budget.spend(async () => {
    now += 50;
    throw new Error("refused");
  });
  await expect(failure).rejects.toThrow("refused");
  expect(budget.remainingMs).toBe(20);
  budget.charge(21);
  expect({ remainingMs: budget.remainingMs, exhausted: budget.exhausted }).toEqual({ remainingMs: 0, exhausted: true });
});

test("a sleep ends with the budget, and with the signal", async () => {
  const budget = new WaitBudget(20);
  await budget.sleep(60_000, new AbortController().signal);
  // A timer counts whole milliseconds and may fire one early.
  expect(budget.remainingMs).toBeLessThan(2);
  await expect(new WaitBudget(60_000).sleep(60_000, AbortSignal.abort(new Error("SIGTERM")))).rejects.toThrow();
});

test.each([
  [0, 0, 50],
  [0, 1, 100],
  [3, 1, 800],
  [50, 1, 1000],
])("attempt %i with chance %f pauses %i ms", (attempt, chance, expected) => {
  expect(backoffMs(attempt, 100, 1000, () => chance)).toBe(expected);
});
