import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

test.each([
  [0, 0, 700],
  [1, 0, 1_200],
  [3, 0, 4_200],
  [9, 0, 15_200],
  [100, 0, 15_200],
  [1, 5_000, 6_000],
  [1, 86_400_000, 61_000],
])("after %i failures and Retry-After %i ms it pauses for at most %i ms", (failures, retryAfterMs, longest) => {
  expect(backoffMs(failures, retryAfterMs, () => 1)).toBe(longest);
});

test("it never pauses for less than 200 ms, and no less than the server asked for", () => {
  expect(backoffMs(5, 0, () => 0)).toBe(200);
  expect(backoffMs(0, 1_000, () => 0)).toBe(1_000);
});
