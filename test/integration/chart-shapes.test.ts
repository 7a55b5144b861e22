import { beforeAll, describe, expect, it } from "vitest";
import { chartForms } from "../support/chart-forms.ts";
import { helmMajors, type Rendered, template, textOfDocuments, toolsDirectory } from "../support/helm.ts";
import { application, packChart, writeChart } from "../support/helm-charts.ts";
import { allOf, awaited, type KubernetesObject, only } from "../support/helm-documents.ts";

beforeAll(toolsDirectory, 1_800_000);

describe.each(chartForms)("$title", ({ chart, values = {}, release = "shop", gates, awaited: expected }) => {
  let renders: Rendered[];

  beforeAll(async () => {
    const directory = await writeChart(chart);
    const withHelm = helmMajors.map(async (helm) => {
      const packagings = [directory, directory, await packChart(chart, helm)];
      return Promise.all(packagings.map((packaging) => template(packaging, values, { helm, release })));
    });
    renders = (await Promise.all(withHelm)).flat();
  });

  it("waits for exactly the Jobs that exist", () => {
    for (const { documents } of renders) {
      expect(allOf(documents, "Job").map(nameWithoutIdentity)).toEqual(gates);
      const waits = allOf(documents, "Deployment").map((deployment) => {
        return awaited(deployment.spec.template.spec.initContainers?.[0]);
      });
      expect(waits.map((gatesOfPod) => gatesOfPod.map(({ job }) => job.slice(0, -11)))).toEqual(expected);
      for (const { job, ledger, identity } of waits.flat()) {
        expect(job.endsWith(`-${identity}`)).toBe(true);
        expect(only(documents, "Job", job).kind).toBe("Job");
        expect(only(documents, "ConfigMap", ledger).kind).toBe("ConfigMap");
      }
    }
  });

  it("gives every object a name of its own that Kubernetes accepts", () => {
    for (const { documents } of renders) {
      const names = documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { metadata } of documents) expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      for (const { spec } of allOf(documents, "Deployment")) {
        const { initContainers = [], volumes = [] } = spec.template.spec;
        for (const { name } of [...initContainers, ...volumes]) expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
      }
    }
  });

  it("is the same text in every render, from directory and archive, with both majors of Helm", () => {
    const [first, ...others] = renders.map(({ text }) => textOfDocuments(text));
    for (const other of others) expect(other).toEqual(first);
  });
});

it.each(helmMajors)("changes nothing where the gate is disabled, with Helm %i", async (helm) => {
  const chart = await writeChart(application("shop", ["migrations"]));
  const podSpec = { serviceAccountName: "web", containers: [{ name: "web", image: "registry.example/web:1" }] };
  const { documents } = await template(chart, { podSpec, migrations: { enabled: false } }, { helm });
  expect(documents.map(({ kind }) => kind)).toEqual(["Deployment"]);
  const { spec } = only(documents, "Deployment");
  expect(spec.template.spec).toEqual(podSpec);
  expect(spec.progressDeadlineSeconds).toBe(600);
});

function nameWithoutIdentity({ metadata }: KubernetesObject): string {
  expect(metadata.name).toMatch(/-[0-9a-f]{10}$/);
  return metadata.name.slice(0, -11);
}
