import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { until } from "../../tools/environment/until.ts";
import { writeChart } from "../support/helm-charts.ts";
import { chapters } from "./chapters.ts";
import { installPlugin } from "./plugin.ts";
import { tinyApplication } from "./scenario/application.ts";
import { type DatabaseServer, startDatabaseServer } from "./scenario/database-server.ts";
import { migrationSets } from "./scenario/migrations.ts";
import { openRelease, type Release } from "./scenario/release.ts";
import { type GatedPod, identityOf, isServing, type ReleaseState, refusedPod } from "./scenario/release-state.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();
const plugin = await installPlugin();

const sets = await migrationSets(cluster, ["posts", "tags", "broken", "corrected", "unique"]);
const chart = await writeChart(tinyApplication(images.waiter));

const modes = ["without --wait", "with --wait", "rolled back on failure"] as const;
const cases = ([3, 4] as const).flatMap((helm) => modes.map((mode) => ({ helm, mode })));

let server: DatabaseServer;
beforeAll(async () => {
  server = await startDatabaseServer(cluster, "e2e-lifecycle-database", images.postgres);
});
afterAll(() => server[Symbol.asyncDispose]());

describe.concurrent.for(cases)("a release of Helm $helm $mode", ({ helm, mode }) => {
  const waits = mode !== "without --wait";
  const flags = flagsOf(helm, mode);
  let release: Release;
  /** Revisions whose migrations were applied, with their identities. */
  const applied: { readonly revision: number; readonly identity: string }[] = [];

  beforeAll(async () => {
    const name = `lifecycle-helm${helm}-${mode.replaceAll(/\W+/g, "-")}`;
    release = await openRelease({ cluster, name, helm, chart, server });
  });
  afterAll(() => release[Symbol.asyncDispose]());
  const chapter = chapters(() => release.explain());

  /** Upgrades to what will succeed. */
  async function upgrade(migrations: string, ...more: string[]): Promise<ReleaseState> {
    await release.upgrade(migrations, ...flags, ...more);
    if (waits) expect((await release.state()).pods).toContainEqual(expect.objectContaining({ state: "ready" }));
    return serving();
  }

  /** Upgrades to what will fail, and returns the new pod that is not let in. */
  async function failToUpgrade(migrations: string): Promise<GatedPod | undefined> {
    const seen = new AbortController();
    // A rollback deletes the pod. So Helm has time enough, and is interrupted, which makes it roll back, once the pod was seen.
    const upgraded =
      mode === "rolled back on failure"
        ? release.upgradeUntil(seen.signal, migrations, ...flags)
        : release.upgrade(migrations, ...flags, "--timeout", "45s");
    const said = waits ? expect(upgraded).rejects.toThrow() : upgraded;
    const refused = release.reaches("a new pod is not let in", (state) => !!refusedPod(state));
    const [state] = await Promise.all([refused.finally(() => seen.abort()), said]);
    return refusedPod(state);
  }

  async function serving(): Promise<ReleaseState> {
    const state = await release.reaches("the newest pods serve", isServing);
    const [{ revision }] = JSON.parse(await release.helm("history", "shop", "--max", "1", "--output", "json"));
    applied.push({ revision, identity: identityOf(state) });
    return state;
  }

  chapter("is installed: its migrations are applied, and then it serves", async () => {
    const { applied, jobs } = await upgrade(sets.posts);
    expect(Object.values(applied)).toMatchObject([{ applied: 1 }]);
    expect(jobs).toMatchObject([{ state: "complete" }]);
    expect(await release.database.query("select title from posts")).toEqual([{ title: "Hello" }]);
  });

  chapter("is upgraded to what it is: no pod rolls, and nothing runs", async () => {
    const before = await release.state();
    await release.upgrade(sets.posts, ...flags);
    expect(await release.state()).toEqual(before);
  });

  chapter(
    "is upgraded to more migrations: a new Job applies them, new pods serve, and the old Job is gone",
    async () => {
      const before = await release.state();
      const after = await upgrade(sets.tags);
      expect(after.applied[identityOf(after)]).toMatchObject({ applied: 1 });
      expect(after.jobs).toHaveLength(1);
      expect(after.jobs[0]?.uid).not.toBe(before.jobs[0]?.uid);
      expect(after.pods[0]?.uid).not.toBe(before.pods[0]?.uid);
      expect(await release.database.query("select count(*)::int from tags")).toEqual([{ count: 0 }]);
    },
  );

  chapter("is upgraded to other resources of the Job: a run that applies nothing", async () => {
    const before = await release.state();
    const after = await upgrade(sets.tags, "--set", "migrations.migrate.resources.requests.memory=80Mi");
    expect(identityOf(after)).not.toBe(identityOf(before));
    expect(after.applied[identityOf(after)]).toMatchObject({ applied: 0 });
  });

  chapter("fails with its migration: the new pod says where, and the old one serves on", async () => {
    const before = await release.state();
    const refused = await failToUpgrade(sets.broken);
    expect(refused?.refusal?.message).toMatch(/0003_add_slug\.sql:1:\d+: SQLSTATE 23502/);
    const after =
      mode === "rolled back on failure"
        ? await release.reaches("Helm has rolled back", (state) => isServing(state))
        : await release.state();
    expect(after.pods.filter(({ state }) => state === "ready").map(({ uid }) => uid)).toEqual([before.pods[0]?.uid]);
  });

  chapter("is mended by a corrected file", async () => {
    const after = await upgrade(sets.corrected);
    expect(after.applied[identityOf(after)]).toMatchObject({ applied: 1 });
    expect(after.jobs.filter(({ state }) => state === "failed")).toHaveLength(leftOver[mode]);
  });

  chapter("is mended outside the chart, and its Job run again", async () => {
    await release.database.query("insert into posts values ('Hello')");
    const refused = await failToUpgrade(sets.unique);
    expect(refused?.refusal?.message).toMatch(/0004_unique_titles\.sql:1:1: SQLSTATE 23505/);
    await release.database.query("delete from posts where ctid not in (select min(ctid) from posts)");
    if (mode === "rolled back on failure") {
      await upgrade(sets.unique);
      return;
    }
    await plugin(release.namespace, "retry", "shop", "--yes");
    // Quicker than the kubelet, which lets a pod that failed often wait for minutes.
    await release.namespace.kubectl("delete", "pod", refused?.name ?? "");
    await serving();
  });

  chapter("is rolled back to each revision that was applied: its pods start at once, by the ledger", async () => {
    // The oldest first: Helm forgets all but ten revisions, and a rollback is one, too.
    for (const { revision, identity } of applied.slice(0, -1)) {
      await release.helm("rollback", "shop", String(revision), ...(waits ? ["--wait"] : []));
      const state = await release.reaches(`revision ${revision} serves`, isServing);
      expect(identityOf(state)).toBe(identity);
      for (const { name, restarts } of state.pods) {
        expect(restarts).toBe(0);
        const log = await release.namespace.kubectl("logs", name, "--container", "wait-for-migrations");
        // One that found its gate closed would say first that it waits.
        expect(log.split("\n").map((line) => JSON.parse(line).msg)).toEqual(["every gate is open"]);
      }
    }
  });

  chapter("is uninstalled: nothing is left but Jobs of failed revisions, which one command removes", async () => {
    const { namespace } = release;
    await release.helm("uninstall", "shop");
    const left = async (...flags: string[]) => {
      const names = await namespace.kubectl("get", "--output", "name", ...flags);
      return names.split("\n").filter((name) => name !== "").length;
    };
    await until("only failed Jobs are left", async () => (await left("jobs")) === leftOver[mode]);
    await namespace.kubectl("delete", "jobs", "--selector", selector);
    await until("no pod is left", async () => (await left("deployments,jobs,pods")) === 0);
    expect(await left("configmaps,secrets,serviceaccounts,roles,rolebindings", "--selector", selector)).toBe(0);
  });
});

/** As the chart's README tells. */
const selector = "app.kubernetes.io/name=migration-gate,app.kubernetes.io/instance=shop";

/** Helm forgets the Job of a revision that failed in its eyes and was not rolled back. */
const leftOver = { "without --wait": 0, "with --wait": 1, "rolled back on failure": 0 };

function flagsOf(helm: HelmMajor, mode: (typeof modes)[number]): string[] {
  switch (mode) {
    case "without --wait":
      return [];
    case "with --wait":
      return ["--wait"];
    case "rolled back on failure":
      return [helm === 3 ? "--atomic" : "--rollback-on-failure"];
  }
}
