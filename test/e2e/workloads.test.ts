import type { V1ObjectMeta, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, type TestContext, test } from "vitest";
import { connectLocalCluster } from "../../tools/environment/cluster.ts";
import { until } from "../../tools/environment/until.ts";
import { documentedWorkload } from "../support/documented-templates.ts";
import { restrictedContainer, writeChart } from "../support/helm-charts.ts";
import { tinyApplication } from "./scenario/application.ts";
import { type DatabaseServer, startDatabaseServer } from "./scenario/database-server.ts";
import { migrationSets } from "./scenario/migrations.ts";
import { type Release, testRelease } from "./scenario/release.ts";
import { type GatedPod, isServing, type ReleaseState, refusedPod } from "./scenario/release-state.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();
const sets = await migrationSets(cluster, ["posts", "broken", "corrected"]);

let server: DatabaseServer;
beforeAll(async () => {
  server = await startDatabaseServer(cluster, "e2e-workloads-database", images.postgres);
});
afterAll(() => server[Symbol.asyncDispose]());

// What docs/workloads.md says of each kind, with the templates that it shows.
describe.concurrent("gated workloads", () => {
  test("a StatefulSet replaces one pod before it waits, and goes on by itself where its pods are managed in parallel", async (context) => {
    const release = await open(context, "statefulset", "statefulset.yaml");
    const { before, refused, after } = await failAndMend(release);
    expect(before.pods.map(({ name }) => name)).toEqual(["shop-shop-0", "shop-shop-1"]);
    expect(refused.name).toBe("shop-shop-1");
    expect(after.pods.map(({ name }) => name)).toEqual(["shop-shop-0", "shop-shop-1"]);
  });

  test("an ordered StatefulSet waits for a pod that is stuck: its waiter prints the command that deletes it", async (context) => {
    const ordered = (text: string) => text.replace("podManagementPolicy: Parallel", "");
    const release = await open(context, "statefulset-ordered", "statefulset.yaml", ordered);
    await release.upgrade(sets.posts);
    await release.reaches("both pods serve", (state) => isServing(state) && state.pods.length === 2);
    await release.upgrade(sets.broken);
    const refused = await refusal(release);
    const [, command = ""] = /kubectl (delete pod \S+ -n \S+)/.exec(refused.refusal?.message ?? "") ?? [];
    expect(command).toBe(`delete pod shop-shop-1 -n ${release.namespace.name}`);

    await release.upgrade(sets.corrected);
    const stuck = await release.reaches("the corrected migrations are applied", (state) => newestIsApplied(state));
    expect(stuck.pods.map(({ uid }) => uid)).toContain(refused.uid);
    await release.namespace.kubectl(...command.split(" "));
    await release.reaches("both pods serve", (state) => isServing(state) && state.pods.length === 2);
  });

  test("a DaemonSet that may surge keeps its old pod, and goes on by itself", async (context) => {
    const release = await open(context, "daemonset", "daemonset.yaml");
    const { before, meanwhile } = await failAndMend(release);
    expect(meanwhile.pods).toContainEqual(expect.objectContaining({ uid: before.pods[0]?.uid, state: "ready" }));
  });

  test("a DaemonSet that may not surge gives its old pod up first, and goes on by itself", async (context) => {
    const plain = (text: string) => text.replace(/ {2}updateStrategy:\n( {4}.*\n)+/, "");
    const release = await open(context, "daemonset-plain", "daemonset.yaml", plain);
    const { before, meanwhile } = await failAndMend(release);
    expect(meanwhile.pods.map(({ uid }) => uid)).not.toContain(before.pods[0]?.uid);
  });

  test("a run of a CronJob begins only when the migrations are applied", async (context) => {
    const release = await open(context, "cronjob", "cronjob.yaml");
    const run = (name: string) => release.namespace.kubectl("create", "job", name, "--from", "cronjob/shop-shop");
    await release.upgrade(sets.broken);
    await run("during-failure");
    await refusal(release);
    await release.upgrade(sets.corrected);
    await run("after-correction");
    await expectStartedAfterMigrations(release, "after-correction");
    expect(await startOfRun(release, "during-failure")).toBeUndefined();
  });

  test("a Job runs once for each set of migrations, after it", async (context) => {
    const release = await open(context, "job", "job.yaml");
    const gatedJob = async () => {
      const { items } = await release.namespace.get<{ items: { metadata: V1ObjectMeta }[] }>("jobs");
      return items.map(({ metadata }) => metadata.name ?? "").find((name) => name.startsWith("shop-shop-")) ?? "";
    };
    await release.upgrade(sets.posts);
    const first = await gatedJob();
    await expectStartedAfterMigrations(release, first);
    await release.upgrade(sets.posts);
    expect(await gatedJob()).toBe(first);
    await release.upgrade(sets.corrected);
    const second = await gatedJob();
    expect(second).not.toBe(first);
    await expectStartedAfterMigrations(release, second);
  });

  test("a Job that is a hook after the installation lets Helm itself wait for the migrations", async (context) => {
    const hook = (text: string) =>
      text.replace("metadata:\n", "metadata:\n  annotations: { helm.sh/hook: post-install }\n");
    const release = await open(context, "hook", "job.yaml", hook);
    const endsAtOnce = [{ ...restrictedContainer("once"), image: images.waiter, args: ["--version"] }];
    await release.upgrade(sets.posts, "--set-json", `podSpec.containers=${JSON.stringify(endsAtOnce)}`);
    expect(newestIsApplied(await release.state())).toBe(true);
  });
});

/** A release of the application with a workload of docs/workloads.md, perhaps changed. */
async function open(
  context: TestContext,
  name: string,
  file: string,
  change = (text: string) => text,
): Promise<Release> {
  const templates = documentedWorkload(file);
  const workload = change(templates["deployment.yaml"] ?? "");
  const chart = await writeChart(tinyApplication(images.waiter, { ...templates, "deployment.yaml": workload }));
  return testRelease(context, { cluster, name: `workloads-${name}`, helm: 4, chart, server });
}

/** Installs, fails to upgrade, and corrects that by an upgrade alone; returns what there was at each step. */
async function failAndMend(release: Release) {
  await release.upgrade(sets.posts);
  const before = await release.reaches("all pods serve", isServing);
  await release.upgrade(sets.broken);
  const refused = await refusal(release);
  const meanwhile = await release.state();
  await release.upgrade(sets.corrected);
  const isMended = (state: ReleaseState) => isServing(state) && state.pods.length === before.pods.length;
  const after = await release.reaches("all pods serve again", isMended);
  return { before, refused, meanwhile, after };
}

async function refusal(release: Release): Promise<GatedPod> {
  const pod = refusedPod(await release.reaches("a new pod is not let in", (state) => !!refusedPod(state)));
  if (!pod) throw new Error("the pod is gone");
  return pod;
}

function newestIsApplied({ workloads, applied }: ReleaseState): boolean {
  return workloads.every(({ awaits }) => awaits in applied);
}

async function expectStartedAfterMigrations(release: Release, job: string): Promise<void> {
  const startedAt = await until(`Job ${job} runs`, () => startOfRun(release, job), { timeoutMs: 180_000 });
  const state = await release.state();
  const pod = state.pods.find(({ name }) => name.startsWith(job));
  // Kubernetes gives whole seconds.
  const succeededAt = Math.floor(Date.parse(state.applied[pod?.awaits ?? ""]?.succeededAt ?? "") / 1000) * 1000;
  expect(startedAt).toBeGreaterThanOrEqual(succeededAt);
}

/** When the application of a Job's newest pod was started, in milliseconds since the epoch. */
async function startOfRun({ namespace }: Release, job: string): Promise<number | undefined> {
  const { items } = await namespace.get<{ items: V1Pod[] }>(
    "pods",
    "--selector",
    `batch.kubernetes.io/job-name=${job}`,
  );
  const starts = items.flatMap(({ status }) => {
    const { running, terminated } = status?.containerStatuses?.[0]?.state ?? {};
    const startedAt = (running ?? terminated)?.startedAt;
    return startedAt === undefined ? [] : [Date.parse(String(startedAt))];
  });
  return starts.length === 0 ? undefined : Math.max(...starts);
}
