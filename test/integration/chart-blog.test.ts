import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, type Rendered, refusal, helm as run, template, toolsDirectory } from "../support/helm.ts";
import { blogChart, copyBlogChart, gateChart, temporaryDirectory } from "../support/helm-charts.ts";
import { awaited, type Container, type Deployment, type Job, only, type PodSpec } from "../support/helm-documents.ts";

const values = { image: { tag: "2.0.0" }, migrations: { image: { tag: "2.0.0" } } };

let chart: string;

beforeAll(async () => {
  await toolsDirectory();
  chart = await copyBlogChart();
}, 1_800_000);

it("renders byte-identical Jobs and waiters with Helm 3 and Helm 4, twice", async () => {
  const renders: Rendered[] = [];
  for (const helm of [3, 4, 3, 4] as const) renders.push(await template(chart, values, { helm, release: "blog" }));
  const jobs = renders.map(({ text }) => documentOf(text, "Job"));
  const waiters = renders.map(({ text }) => documentOf(text, "Deployment"));
  expect(new Set(jobs).size).toBe(1);
  expect(new Set(waiters).size).toBe(1);
  expect(jobs[0]).toContain('name: "blog-migrations-');
  expect(waiters[0]).toContain("- --job=blog-migrations-");
});

describe.each(helmMajors)("Helm %i", (helm) => {
  let deployment: Deployment;
  let job: Job;

  async function render(changed: object = {}, from = chart): Promise<{ deployment: Deployment; job: Job }> {
    const { documents } = await template(from, { ...values, ...changed }, { helm, release: "blog" });
    return { deployment: only(documents, "Deployment"), job: only(documents, "Job") };
  }

  beforeAll(async () => {
    ({ deployment, job } = await render());
  });

  it("renders the same from the packed dependency that the lock file names", async () => {
    const root = await temporaryDirectory();
    await cp(gateChart, join(root, "charts", "migration-gate"), { recursive: true });
    const packed = join(root, "examples", "blog", "chart");
    await cp(blogChart, packed, { recursive: true, filter: (file) => !file.endsWith(".tgz") });
    await run(helm, ["dependency", "build", packed]);
    expect(await render({}, packed)).toEqual({ deployment, job });
  });

  it("waits for its Job, and rolls without giving up a pod", () => {
    const { spec } = deployment;
    const [waiter, ...others] = spec.template.spec.initContainers ?? [];
    expect(others).toEqual([]);
    expect(awaited(waiter).map((gate) => gate.job)).toEqual([job.metadata.name]);
    expect(spec["strategy"]).toEqual({ rollingUpdate: { maxUnavailable: 0, maxSurge: 2 } });
    expect(spec.progressDeadlineSeconds).toBe(3900);
    expect(spec["replicas"]).toBe(4);
  });

  it("gives the application neither a token nor the owner's credentials", () => {
    const { containers, automountServiceAccountToken, volumes } = deployment.spec.template.spec;
    expect(automountServiceAccountToken).toBe(false);
    expect(containers.flatMap(({ volumeMounts = [] }) => volumeMounts)).toEqual([]);
    expect(volumes?.map(({ name }) => name)).toEqual(["migrations-gate-token"]);
    expect(secretsOf(containers)).toEqual(["blog-db-app"]);
    expect(JSON.stringify(deployment)).not.toContain("blog-db-owner");
    expect(secretsOf(job.spec.template.spec.containers)).toEqual(["blog-db-owner"]);
    expect(JSON.stringify(job)).not.toContain("blog-db-app");
  });

  it("runs the Job under a service account of its own", () => {
    const accounts = [deployment, job].map((workload) => workload.spec.template.spec.serviceAccountName);
    expect(accounts).toEqual(["blog", "blog-migrations"]);
  });

  it("fits Pod Security restricted, containers and init containers alike", () => {
    for (const { spec } of [deployment.spec.template, job.spec.template]) {
      const containers = [...(spec.initContainers ?? []), ...spec.containers];
      expect(containers).toHaveLength(2);
      for (const container of containers) {
        expect([container.name, violations(spec, container)]).toEqual([container.name, []]);
      }
    }
  });

  it("runs no Job for a new version of the application alone, and none for a feature", async () => {
    const changed = await render({ image: { tag: "2.0.1" }, features: { categories: true } });
    expect(changed.job).toEqual(job);
    expect(changed.deployment.spec.template).not.toEqual(deployment.spec.template);
  });

  it.each([
    ["the application's", { image: { tag: "" } }, "image.tag is empty: set it to the version of the application"],
    ["the migrations'", { migrations: { image: { tag: "" } } }, "migrations.image.tag is empty: set it"],
  ])("has no default for %s tag", async (_, changed, message) => {
    expect(await refusal(chart, { ...values, ...changed }, { helm })).toContain(message);
  });
});

function documentOf(text: string, kind: string): string | undefined {
  return text
    .split(/^---$/m)
    .find((document) => document.includes(`\nkind: ${kind}\n`))
    ?.trim();
}

function secretsOf(containers: readonly Container[]): (string | undefined)[] {
  return containers.flatMap(({ env = [] }) => {
    return env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name).filter((name) => name !== undefined);
  });
}

/** What the profile "restricted" would hold against a container; its own settings go before the pod's. */
function violations(pod: PodSpec, container: Container): string[] {
  const context = { ...pod.securityContext, ...container.securityContext };
  const { runAsNonRoot, allowPrivilegeEscalation, capabilities, seccompProfile, privileged, runAsUser } = context;
  return [
    runAsNonRoot === true ? "" : "runAsNonRoot",
    runAsUser === 0 ? "runAsUser" : "",
    allowPrivilegeEscalation === false ? "" : "allowPrivilegeEscalation",
    JSON.stringify(capabilities) === '{"drop":["ALL"]}' ? "" : "capabilities",
    JSON.stringify(seccompProfile) === '{"type":"RuntimeDefault"}' ? "" : "seccompProfile",
    privileged ? "privileged" : "",
  ].filter((violation) => violation !== "");
}
