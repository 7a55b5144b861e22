import { expect, test } from "vitest";
import { percentOf } from "./activity.ts";

test.each([
  [0, 8, 0],
  [5, 8, 62],
  [7999, 8000, 99],
  [8000, 8000, 100],
  [9000, 8000, 100],
])("%i of %i are %i %%", (done, total, percent) => {
  expect(percentOf(done, total)).toBe(percent);
});

test("no percentage is claimed of an unknown total", () => {
  expect(percentOf(0, 0)).toBeNull();
});
