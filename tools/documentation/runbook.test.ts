import { expect, test } from "vitest";
import { type ExitCode, migratorExitCodes, waiterExitCodes } from "../../packages/cli-runtime/src/exit-codes.ts";
import { section } from "./markdown.ts";
import { readPages } from "./pages.ts";

const runbook = readPages().find(({ path }) => path === "docs/runbook.md")?.text ?? "";

test.each([
  ["waiter", waiterExitCodes, /^\| ([\d, ]+) \|/gm],
  ["migrator", migratorExitCodes, /^### Codes? (\d[\d, and]*)/gm],
] as const)("the runbook says what to do about every failure of the %s", (program, codes, places) => {
  const text = section(runbook, `By the ${program}'s exit code`);
  const told = [...text.matchAll(places)].flatMap(([, numbers = ""]) => numbers.match(/\d+/g)?.map(Number) ?? []);
  expect(new Set(told)).toEqual(new Set(failures(Object.values(codes))));
});

function failures(codes: readonly ExitCode[]): number[] {
  return codes.filter((code) => code.class === "permanent" || code.class === "retried").map(({ code }) => code);
}
