import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { anyChart, anyRelease, chartOf, countGates, isConfusedByHelm3 } from "../support/any-chart.ts";
import { RenderError, type Rendered, template, textOfDocuments, toolsDirectory } from "../support/helm.ts";
import { writeChart } from "../support/helm-charts.ts";
import { allOf, awaited } from "../support/helm-documents.ts";

describe("whatever the charts are", () => {
  beforeAll(toolsDirectory, 1_800_000);

  it("each pod waits for Jobs that exist, and no two gates meet", async () => {
    const property = fc.asyncProperty(anyChart(), anyRelease, async (plan, release) => {
      const chart = await writeChart(chartOf(plan));
      const withHelm4 = await template(chart, {}, { helm: 4, release });
      expect(gatesOf(withHelm4)).toHaveLength(countGates(plan));
      if (isConfusedByHelm3(plan)) await expectNothingUngated(chart, release);
      else {
        const withHelm3 = await template(chart, {}, { helm: 3, release });
        expect(textOfDocuments(withHelm3.text)).toEqual(textOfDocuments(withHelm4.text));
      }
    });
    await fc.assert(property, { numRuns: 20 });
  }, 300_000);
});

/** The Jobs of a release, each of which one pod waits for, under names that Kubernetes accepts. */
function gatesOf({ documents }: Rendered): string[] {
  const jobs = allOf(documents, "Job").map(({ metadata }) => metadata.name);
  const waits = allOf(documents, "Deployment").flatMap(({ spec }) => awaited(spec.template.spec.initContainers?.[0]));
  expect(waits.map(({ job }) => job).toSorted()).toEqual(jobs.toSorted());
  expect(new Set(jobs).size).toBe(jobs.length);
  for (const { kind, metadata } of documents) {
    if (kind !== "Deployment") expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  }
  return jobs;
}

/** Where Helm 3 loses an alias, with it the application may have become another one; but each pod has its gate. */
async function expectNothingUngated(chart: string, release: string): Promise<void> {
  try {
    gatesOf(await template(chart, {}, { helm: 3, release }));
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    expect(error.message).toContain("Helm 3 loses");
  }
}
