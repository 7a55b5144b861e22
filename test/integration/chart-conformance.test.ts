import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { chartForms } from "../support/chart-forms.ts";
import { template, toolsDirectory } from "../support/helm.ts";
import { gateChart, gateValues, temporaryDirectory, writeChart } from "../support/helm-charts.ts";
import { type Job, only } from "../support/helm-documents.ts";
import { kubeconform } from "../support/kubeconform.ts";
import { type KubernetesRelease, kubernetesReleases, openapiOf } from "../support/kubernetes-openapi.ts";

const releases = Object.keys(kubernetesReleases) as KubernetesRelease[];

const mistakes = [
  ["backofLimit", 3],
  ["backoffLimit", "3"],
  ["template", undefined],
] as const;

let everyForm: string;
let job: Job;

beforeAll(async () => {
  await toolsDirectory();
  for (const release of releases) await openapiOf(release);
  everyForm = await temporaryDirectory();
  for (const [index, { chart, values = {}, release = "shop" }] of chartForms.entries()) {
    // One major is enough: the documents of both are the same text.
    const { text } = await template(await writeChart(chart), values, { helm: 4, release });
    await writeFile(join(everyForm, `${index}.yaml`), text);
  }
  job = only((await template(gateChart, gateValues, { helm: 4 })).documents, "Job");
}, 1_800_000);

describe.each(releases)("Kubernetes %s", (release) => {
  it("knows every field of every form of the chart", async () => {
    const verdicts = await kubeconform(everyForm, release);
    expect(verdicts.filter(({ status }) => status !== "statusValid")).toEqual([]);
    expect(new Set(verdicts.map(({ filename }) => filename)).size).toBe(chartForms.length);
  });

  it("would refuse unknown, mistyped and missing fields", async () => {
    const directory = await temporaryDirectory();
    for (const [field, value] of mistakes) {
      const mistaken = { ...job, spec: { ...job.spec, [field]: value } };
      await writeFile(join(directory, `${field}.yaml`), stringify(mistaken));
    }
    const verdicts = await kubeconform(directory, release);
    expect(verdicts).toHaveLength(mistakes.length);
    for (const { filename, status, msg } of verdicts) {
      expect([filename, status]).toEqual([filename, "statusInvalid"]);
      expect(msg).toContain(basename(filename, ".yaml"));
    }
  });
});
