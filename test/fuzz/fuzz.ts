import { env } from "node:process";
import fc from "fast-check";
import { test } from "vitest";

/** An input that once failed, and what it shows. */
export interface Counterexample<Input> {
  readonly shows: string;
  readonly input: Input;
}

/** How long each property is tried with inputs that nobody has seen: `npm run fuzz`; 0 in `npm test`. */
const seconds = Number(env["FUZZ_SECONDS"] ?? 0);

/**
 * Tests that something holds for any input: first for each counterexample that was ever found, then for `runs` inputs.
 *
 * `npm test` tries the same ones every time, so that only a change of the code can make it fail. `npm run fuzz` looks for
 * new ones; what it finds is kept in counterexamples.ts.
 */
export function fuzz<Input>(
  fact: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => unknown,
  { kept = [], runs = 1000 }: { readonly kept?: readonly Counterexample<Input>[]; readonly runs?: number } = {},
): void {
  test.each(kept)(`${fact}: $shows`, async ({ input }) => {
    await check(input);
  });
  test(fact, { timeout: 60_000 + 2000 * seconds }, async () => {
    const property = fc.asyncProperty(inputs, async (input) => {
      await check(input);
    });
    await fc.assert(property, seconds === 0 ? { numRuns: runs, seed: fixedSeed } : untilTimeIsUp);
  });
}

const fixedSeed = 20261123;
const untilTimeIsUp = {
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: 1000 * seconds,
  markInterruptAsFailure: false,
};
