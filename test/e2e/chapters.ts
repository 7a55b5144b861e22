import { test } from "vitest";

export type Chapter = (name: string, tell: () => Promise<void>) => void;

/**
 * Declares the tests of one story: each goes on where the one before it ended, and none runs after one that failed.
 *
 * @param explain prints what a person needs to understand a failure, while everything is still there.
 */
export function chapters(explain: () => Promise<void>): Chapter {
  let isBrokenOff = false;
  return (name, tell) =>
    test(name, { concurrent: false }, async ({ skip }) => {
      skip(isBrokenOff, "an earlier chapter failed");
      try {
        await tell();
      } catch (error) {
        isBrokenOff = true;
        await explain();
        throw error;
      }
    });
}
