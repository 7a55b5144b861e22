import { glob, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generatedPage, reliabilityPage, scenarioTables, withSection } from "./page.ts";
import { addRuns, type Results, readResults } from "./results.ts";

const nothing: Results = { versions: {}, scenarios: [] };
const run = { group: "The gate", id: "job-deleted", disturbance: "the Job is deleted", ours: "the ledger answers" };
const others = { become: "waits for ever", reports: ["somebody/something#50"] };
const runs = (...seconds: (number | undefined)[]) =>
  seconds.map((recoveredSeconds) => ({ ...run, ...(recoveredSeconds !== undefined && { recoveredSeconds }) }));
const lastRow = (results: Results) => scenarioTables(results).split("\n").at(-1);

test("docs/reliability.md shows the results: if not, `npm run test:faults` writes it", async () => {
  expect(await readFile(reliabilityPage, "utf8")).toBe(await generatedPage());
});

test("there are results of no scenario that is gone", async () => {
  let sources = "";
  for await (const file of glob("test/faults/**/*.test.ts")) sources += await readFile(file, "utf8");
  const { scenarios } = await readResults();
  expect(scenarios.filter(({ id }) => !sources.includes(`id: "${id}"`)).map(({ id }) => id)).toEqual([]);
});

test("a row tells of all runs since the last one that was not as expected", () => {
  const results = addRuns(nothing, runs(9, undefined, 2, 1), "2026-11-22", { Kubernetes: "v1.35.0" });
  const more = addRuns(results, runs(4.04), "2026-11-23", { Kubernetes: "v1.35.1" });
  expect(lastRow(more)).toBe("| the Job is deleted |  | the ledger answers | 2.0 (4.0) | 3 | 2026-11-23 |");
  expect(scenarioTables(more)).toContain("with Kubernetes v1.35.1.\n\n### The gate\n");
});

test("a run that was not as expected is shown until the next one", () => {
  const results = addRuns(nothing, runs(1, undefined), "2026-11-22", {});
  expect(lastRow(results)).toMatch(/\|\s+\| \*\*failed\*\* \| 2026-11-22 \|$/);
});

test("what others do comes with links to the reports", () => {
  const results = addRuns(nothing, [{ ...run, others, recoveredSeconds: 1 }], "2026-11-22", {});
  expect(lastRow(results)).toContain(
    "| waits for ever [something#50](https://github.com/somebody/something/issues/50) |",
  );
});

test("only what is between the marks of a section is replaced", () => {
  expect(withSection("a\n<!-- load -->\nold\n<!-- /load -->\nb\n", "load", "new")).toBe(
    "a\n<!-- load -->\n\nnew\n\n<!-- /load -->\nb\n",
  );
  expect(() => withSection("<!-- load -->", "load", "new")).toThrow(/lacks/);
});
