import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, refusal, toolsDirectory } from "./helm.ts";
import { application, gateValues, writeChart } from "./helm-charts.ts";
import { withValue } from "./helm-values.ts";

/** A wrong value, and what the message says about it: which one it is and how to mend it. */
export type Refusal = readonly [title: string, path: string, value: unknown, message: string];

/**
 * Tests that both Helm majors refuse each value where it stands in the values of an application, below the gate's alias
 * `migrations`, and that the message names nothing else.
 *
 * @param from the gate's other values, which are right.
 */
export function describeRefusals(refusals: readonly Refusal[], from: object = gateValues): void {
  let chart: string;

  beforeAll(async () => {
    await toolsDirectory();
    chart = await writeChart(application("shop", ["migrations"]));
  }, 1_800_000);

  describe.each(helmMajors)("Helm %i", (helm) => {
    it.each(refusals)("refuses %s", async (_, path, value, message) => {
      const text = await refusal(chart, { migrations: withValue(from, path, value) }, { helm });
      expect(text).toContain(message);
      // One message: not the same once more for every template, and none besides.
      const problems = text.split("\n").filter((line) => line.startsWith("- "));
      expect(problems).toHaveLength(1);
    });
  });
}
