import { expect, it } from "vitest";
import { percentile, roundRobin, summarize } from "./statistics.ts";

it.each([
  { samples: [7], median: 7, minimum: 7, maximum: 7 },
  { samples: [9, 1, 5], median: 5, minimum: 1, maximum: 9 },
  { samples: [100, 20, 3, 10], median: 15, minimum: 3, maximum: 100 },
])("finds the middle and the ends of $samples", ({ samples, ...expected }) => {
  expect(summarize(samples)).toEqual({ ...expected, runs: samples.length });
});

it("refuses to summarize nothing", () => {
  expect(() => summarize([])).toThrow(RangeError);
  expect(() => percentile([], 50)).toThrow(RangeError);
});

it.each([
  { percent: 50, expected: 50 },
  { percent: 99, expected: 99 },
  { percent: 100, expected: 100 },
  { percent: 0, expected: 1 },
])("finds the measurement that $percent % do not exceed", ({ percent, expected }) => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);

  expect(percentile(samples, percent)).toBe(expected);
});

it("lets each tool begin a round in its turn", () => {
  const rounds = [0, 1, 2, 3].map((round) => roundRobin(["a", "b", "c"], round).join(""));

  expect(rounds).toEqual(["abc", "bca", "cab", "abc"]);
});
