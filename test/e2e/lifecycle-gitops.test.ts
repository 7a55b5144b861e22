import { expect, inject, test } from "vitest";
import { splitReference } from "../../tools/environment/blog.ts";
import { connectLocalCluster } from "../../tools/environment/cluster.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { type ClusterEvent, type Recorder, startRecorder } from "../../tools/timeline/recorder.ts";
import { writeChart } from "../support/helm-charts.ts";
import { startGitOpsLoop } from "./gitops-loop.ts";
import { tinyApplication } from "./scenario/application.ts";
import { startDatabaseServer } from "./scenario/database-server.ts";
import { migrationSets } from "./scenario/migrations.ts";
import { testRelease } from "./scenario/release.ts";
import { isServing, refusedPod } from "./scenario/release-state.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();
const sets = await migrationSets(cluster, ["posts", "broken", "corrected"]);
const chart = await writeChart(tinyApplication(images.waiter));

// The rendered chart is the same with both Helms, so that one of them will do.
test("a tool that applies the chart every few seconds fights nobody for the ledger, and runs nothing twice", async (context) => {
  await using server = await startDatabaseServer(cluster, "e2e-gitops-database", images.postgres);
  const release = await testRelease(context, { cluster, name: "gitops", helm: 4, chart, server });
  const { namespace } = release;
  const render = async (set: keyof typeof sets) => {
    const { repository, tag } = splitReference(sets[set]);
    const image = `migrations.image.repository=${repository},migrations.image.tag=${tag}`;
    // The pods of `helm test` cannot be changed.
    return release.helm("template", "shop", chart, "--skip-tests", "--set-string", image);
  };
  await using recorder = startRecorder(namespace);
  await using loop = startGitOpsLoop(namespace, await render("posts"));
  const fiveRounds = async () => {
    await until("five rounds", async () => loop.rounds() >= 5 || loop.failures.length > 0, { timeoutMs: 180_000 });
    expect(loop.failures).toEqual([]);
  };
  const installed = await release.reaches("the application serves", isServing);
  loop.change(await render("posts"));
  await fiveRounds();
  expect(await release.state()).toEqual(installed);

  loop.change(await render("broken"));
  const refused = await release.reaches("the new pod is not let in", (state) => !!refusedPod(state));
  expect(refused.pods).toContainEqual(expect.objectContaining({ uid: installed.pods[0]?.uid, state: "ready" }));
  await fiveRounds();

  loop.change(await render("corrected"));
  const corrected = await release.reaches("the corrected application serves", isServing);
  const ledger = await ledgerOf(namespace);
  loop.change(await render("corrected"));
  await fiveRounds();
  expect(await release.state()).toEqual(corrected);
  expect((await ledgerOf(namespace)).metadata.resourceVersion).toBe(ledger.metadata.resourceVersion);
  expect(corrected.applied).toMatchObject(installed.applied);

  // One Job for each set, and one pod for each Job: also the one that failed was run once.
  expect(jobsEver(recorder)).toHaveLength(3);
  expect(podsOfJobsEver(recorder)).toHaveLength(3);
});

async function ledgerOf(namespace: Namespace) {
  return namespace.get<{ metadata: { resourceVersion: string } }>("configmap", "shop-migrations-ledger");
}

function jobsEver({ events }: Recorder): (string | undefined)[] {
  return uids(events.filter(({ kind }) => kind === "Job"));
}

function podsOfJobsEver({ events }: Recorder): (string | undefined)[] {
  return uids(
    events.filter(({ object }) => object.metadata?.labels?.["batch.kubernetes.io/job-name"] && object.kind === "Pod"),
  );
}

function uids(events: readonly ClusterEvent[]): (string | undefined)[] {
  return [...new Set(events.map(({ object }) => object.metadata?.uid))];
}
