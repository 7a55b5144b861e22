import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { splitReference } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { buildDockerfile } from "../../tools/images/build.ts";
import { writeChart } from "../support/helm-charts.ts";
import { tinyApplication, withGateVersion } from "./scenario/application.ts";
import { type DatabaseServer, startDatabaseServer } from "./scenario/database-server.ts";
import { migrationSets } from "./scenario/migrations.ts";
import { type Release, testRelease } from "./scenario/release.ts";
import { isServing, refusedPod } from "./scenario/release-state.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();
const sets = await migrationSets(cluster, ["posts", "tags", "breaking"]);
const chart = await writeChart(tinyApplication(images.waiter));
const newerChart = await withGateVersion(chart, "0.2.0");
const newerWaiter = await anotherWaiter();

let server: DatabaseServer;
beforeAll(async () => {
  server = await startDatabaseServer(cluster, "e2e-versions-database", images.postgres);
});
afterAll(() => server[Symbol.asyncDispose]());

describe.concurrent.for<HelmMajor>([3, 4])("a release of Helm %i", (helm) => {
  test("is not rolled back past a breaking migration: the gate stays closed and says why, and the newer pods serve on", async (context) => {
    const release = await testRelease(context, { cluster, name: `breaking-helm${helm}`, helm, chart, server });
    await install(release, "tags");
    await release.upgrade(sets.breaking);
    const newest = await release.reaches("the breaking migration is applied", isServing);
    // Nothing may start any more that needs what it dropped.
    expect(Object.keys(newest.applied)).toEqual([newest.workloads[0]?.awaits]);

    await release.helm("rollback", "shop", "1");
    const closed = await release.reaches("the older pod is not let in", (state) => !!refusedPod(state));
    expect(refusedPod(closed)?.refusal?.message).toMatch(/0003_drop_tags.*breaking|breaking.*0003_drop_tags/s);
    expect(closed.pods).toContainEqual(expect.objectContaining({ uid: newest.pods[0]?.uid, state: "ready" }));

    await release.helm("rollback", "shop", "2");
    const { pods } = await release.reaches("only the newer pod is left", isServing);
    expect(pods.map(({ uid }) => uid)).toEqual([newest.pods[0]?.uid]);
  });

  test("gets a new version of the chart: no pod rolls, and nothing runs", async (context) => {
    const release = await testRelease(context, { cluster, name: `chart-helm${helm}`, helm, chart, server });
    const before = await install(release, "posts");
    await release.helm("upgrade", "shop", newerChart, "--reset-then-reuse-values");
    expect(await release.state()).toEqual(before);
    const { items } = await release.namespace.get<{ items: { metadata: { labels: object } }[] }>("jobs");
    expect(items.map(({ metadata }) => metadata.labels)).toMatchObject([{ "helm.sh/chart": "migration-gate-0.2.0" }]);
  });

  test("gets a new image of the waiter: one run that applies nothing, and new pods", async (context) => {
    const release = await testRelease(context, { cluster, name: `waiter-helm${helm}`, helm, chart, server });
    const before = await install(release, "posts");
    const { repository, tag } = splitReference(newerWaiter);
    const waiter = `migrations.waiter.image.repository=${repository},migrations.waiter.image.tag=${tag}`;
    await release.upgrade(sets.posts, "--set-string", waiter);
    const after = await release.reaches("new pods serve", isServing);
    expect(after.pods.map(({ uid }) => uid)).not.toEqual(before.pods.map(({ uid }) => uid));
    const runs = [before, after].map(({ applied, workloads }) => applied[workloads[0]?.awaits ?? ""]?.applied);
    expect(runs).toEqual([1, 0]);
  });
});

async function install(release: Release, set: keyof typeof sets) {
  await release.upgrade(sets[set]);
  return release.reaches(`the application serves with ${set}`, isServing);
}

/** The waiter under another name and with another digest, as the next version's is. */
async function anotherWaiter(): Promise<string> {
  const context = await mkdtemp(join(tmpdir(), "waiter-image-"));
  try {
    const dockerfile = join(context, "Dockerfile");
    await writeFile(dockerfile, "ARG WAITER_IMAGE\nFROM $WAITER_IMAGE\nLABEL version=next\n");
    const buildArguments = { WAITER_IMAGE: images.waiter };
    const source = { name: "lifecycle-waiter", version: "next", dockerfile, context, buildArguments };
    const built = await buildDockerfile(source, { log: () => {} });
    return (await cluster.provideImages([built]))[0] ?? "";
  } finally {
    await rm(context, { recursive: true });
  }
}
