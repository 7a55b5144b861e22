import { beforeAll, describe, expect, it } from "vitest";
import { documentedWorkload } from "../support/documented-templates.ts";
import { helmMajors, type Rendered, template, toolsDirectory } from "../support/helm.ts";
import { application, writeChart } from "../support/helm-charts.ts";
import { awaited, type KubernetesObject, only, type PodSpec } from "../support/helm-documents.ts";

const kinds = [
  ["StatefulSet", "statefulset.yaml"],
  ["DaemonSet", "daemonset.yaml"],
  ["CronJob", "cronjob.yaml"],
  ["Job", "job.yaml"],
] as const;

beforeAll(toolsDirectory, 1_800_000);

// The templates of docs/workloads.md.
describe.each(kinds)("a %s", (kind, file) => {
  let chart: string;
  beforeAll(async () => {
    chart = await writeChart(application("shop", ["migrations"], { templates: documentedWorkload(file) }));
  });

  it("waits for the Job that exists, and for nothing else first", async () => {
    const { documents } = await template(chart, {}, { helm: 4 });
    const { initContainers = [], containers } = podSpecOf(workloadOf(documents, kind));
    expect(initContainers.map(({ name }) => name)).toEqual(["wait-for-migrations"]);
    expect(containers.map(({ name }) => name)).toEqual(["web"]);
    const [gate] = awaited(initContainers[0]);
    expect(only(documents, "Job", gate?.job)).toMatchObject({ metadata: { name: gate?.job } });
  });

  it("is the same with both majors of Helm", async () => {
    const renders: Rendered[] = [];
    for (const helm of helmMajors) renders.push(await template(chart, {}, { helm }));
    const [three, four] = renders.map(({ documents }) => workloadOf(documents, kind));
    expect(three).toEqual(four);
  });
});

it("a gated Job has another name for other migrations and for another pod, and no other reason", async () => {
  const chart = await writeChart(application("shop", ["migrations"], { templates: documentedWorkload("job.yaml") }));
  const nameWith = async (values: object) => {
    return workloadOf((await template(chart, values, { helm: 4 })).documents, "Job").metadata.name;
  };
  const name = await nameWith({});
  expect(name).toMatch(/^shop-shop-[0-9a-f]{10}$/);
  expect(await nameWith({ migrations: { commonLabels: { team: "shop" }, job: { backoffLimit: 1 } } })).toBe(name);
  expect(await nameWith({ migrations: { image: { tag: "1.4.3" } } })).not.toBe(name);
  expect(await nameWith({ podSpec: { priorityClassName: "high" } })).not.toBe(name);
});

/** The application's own object of a kind, and not the gate's. */
function workloadOf(documents: readonly KubernetesObject[], kind: string): KubernetesObject {
  const found = documents.find((document) => document.kind === kind && document.metadata.name.startsWith("shop-shop"));
  if (!found) throw new Error(`there is no ${kind} of the application`);
  return found;
}

function podSpecOf(workload: KubernetesObject): PodSpec {
  const spec = workload["spec"] as {
    template?: { spec: PodSpec };
    jobTemplate?: { spec: { template: { spec: PodSpec } } };
  };
  const podSpec = spec.template?.spec ?? spec.jobTemplate?.spec.template.spec;
  if (!podSpec) throw new Error(`the ${workload.kind} has no pod template`);
  return podSpec;
}
