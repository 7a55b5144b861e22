import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { V1ConfigMap, V1Pod } from "@kubernetes/client-node";
import type { RunReport } from "@migration-gate/run-report/report";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { fencedBlocks, section } from "../../tools/documentation/markdown.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { writeChart } from "../support/helm-charts.ts";
import { ledgerProblems } from "../support/ledger-schema.ts";
import { chapters } from "./chapters.ts";
import { migrationsImageOf } from "./migrations-image.ts";
import { tinyApplication } from "./scenario/application.ts";
import { containerProcess } from "./scenario/container-process.ts";
import { type DatabaseServer, startDatabaseServer } from "./scenario/database-server.ts";
import { openRelease, type Release } from "./scenario/release.ts";
import { hasWaitingPod, identityOf, isServing } from "./scenario/release-state.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();
const chart = await writeChart(tinyApplication(images.waiter));

const posts = { "0001_create_posts.sql": "create table posts (title text);" };
/** Takes as long as the test wants: until there is a post. */
const slow = {
  ...posts,
  "0002_wait_for_a_post.sql": `do $$ begin
  for second in 1..600 loop
    if exists (select from posts) then return; end if;
    perform pg_sleep(1);
  end loop;
  raise 'waited ten minutes in vain for a post';
end $$;`,
};
const breaking = { ...slow, "0003_drop_posts.sql": "-- gate: breaking\ndrop table posts;" };
const sets = {
  posts: await migrationsImageOf(cluster, "ledger-posts", posts),
  slow: await migrationsImageOf(cluster, "ledger-slow", slow),
  breaking: await migrationsImageOf(cluster, "ledger-breaking", breaking),
};

const ledger = "shop-migrations-ledger";

let server: DatabaseServer;
beforeAll(async () => {
  server = await startDatabaseServer(cluster, "e2e-ledger-database", images.postgres);
});
afterAll(() => server[Symbol.asyncDispose]());

describe.concurrent.for<HelmMajor>([3, 4])("the ledger of a release of Helm %i", (helm) => {
  let release: Release;
  beforeAll(async () => {
    release = await openRelease({ cluster, name: `ledger-helm${helm}`, helm, chart, server });
  });
  afterAll(() => release[Symbol.asyncDispose]());
  const chapter = chapters(() => release.explain());

  const kubectl = (...args: string[]) => release.namespace.kubectl(...args);
  const data = async () => (await release.namespace.get<V1ConfigMap>("configmap", ledger)).data ?? {};
  const status = async () => JSON.parse((await data())["status"] ?? "{}") as Partial<RunReport> & { pod?: string };
  const serving = () => release.reaches("the newest pods serve", isServing);
  /** Waits until the slow migration runs in a pod that is not yet known, and returns that pod. */
  const runsElsewhere = (...known: string[]) =>
    until(
      "the ledger tells that the slow migration runs",
      async () => {
        const { phase, pod, progress } = await status();
        const isSlow = phase === "applying" && progress?.migration === "0002_wait_for_a_post";
        return isSlow && pod !== undefined && !known.includes(pod) && pod;
      },
      { intervalMs: 500 },
    );
  const kill = async (pod: string, container: string) =>
    (await containerProcess(release.namespace, pod, container)).kill();
  const waiterLog = (pod: string) => kubectl("logs", pod, "--container", "wait-for-migrations");

  chapter("is as documented, and kubectl selects it, reads it and waits for it", async () => {
    await release.upgrade(sets.posts);
    const told = await run(release.namespace, await documentedCommands(release.namespace));
    const identity = identityOf(await release.state());
    expect(told).toContain(`${ledger} condition met`);
    expect(await data()).toHaveProperty([identity]);
    expect(await status()).toMatchObject({ identity, phase: "succeeded" });
    expect(ledgerProblems(await data())).toEqual([]);
    await serving();
    const toldAgain = await run(release.namespace, await documentedCommands(release.namespace));
    expect(toldAgain).toContain(`"identity":"${identity}"`);
  });

  chapter("is read and waited for by the commands in the chart's notes", async () => {
    await release.upgrade(sets.posts, "--render-subchart-notes");
    const notes = await release.helm("get", "notes", "shop");
    const commands = notes.split("\n").filter((line) => /^ {2}kubectl (get|wait) /.test(line));
    expect(commands).toHaveLength(2);
    const told = await run(release.namespace, commands.join("\n"));
    expect(told).toContain(`"identity":"${identityOf(await release.state())}"`);
    expect(told).toContain(`${ledger} condition met`);
  });

  chapter("lets a waiting pod tell within 15 seconds of the run's start, and of its own, what is applied", async () => {
    await release.upgrade(sets.slow);
    const state = await release.reaches("a pod waits", hasWaitingPod);
    const pod = state.pods.find((one) => one.state === "waiting")?.name ?? "";
    const line = await until("its log tells the migration", async () =>
      (await waiterLog(pod)).split("\n").find((text) => text.includes("applying 1 of 1: 0002_wait_for_a_post")),
    );
    const { startedAt: runStartedAt } = await status();
    const { status: podStatus } = await release.namespace.get<V1Pod>("pod", pod);
    const waiterStartedAt = podStatus?.initContainerStatuses?.[0]?.state?.running?.startedAt;
    const bothSince = Math.max(
      ...[runStartedAt, waiterStartedAt].map((time) => new Date(time ?? Number.NaN).getTime()),
    );
    expect(Date.parse(JSON.parse(line).time) - bothSince).toBeLessThan(15_000);
    expect(ledgerProblems(await data())).toEqual([]);
  });

  chapter("keeps what was applied when a release is rolled back in the middle of its migration", async () => {
    await runsElsewhere();
    const before = await release.state();
    await release.helm("rollback", "shop", "1");
    const after = await serving();
    expect(Object.keys(after.applied)).toEqual([identityOf(after)]);
    expect(after.pods.map(({ uid, restarts }) => ({ uid, restarts }))).toEqual([
      { uid: before.pods.find(({ state }) => state === "ready")?.uid, restarts: 0 },
    ]);
  });

  chapter("tells of the run again though its recorder was killed and it was deleted itself", async () => {
    const [rolledBack] = [(await status()).pod ?? ""];
    await release.upgrade(sets.slow);
    const pod = await runsElsewhere(rolledBack);
    await kill(pod, "record");
    await until("the recorder runs again", async () => {
      const { status } = await release.namespace.get<V1Pod>("pod", pod);
      const record = status?.initContainerStatuses?.find(({ name }) => name === "record");
      return record?.restartCount === 1 && record.ready;
    });
    await kubectl("delete", "configmap", ledger);
    await release.upgrade(sets.slow);
    expect(await runsElsewhere()).toBe(pod);
  });

  chapter(
    "holds one success of a Job with three pods: one that was killed, one that was taken away, and the last",
    async () => {
      const first = await runsElsewhere();
      await kill(first, "migrate");
      const second = await runsElsewhere(first);
      await kubectl("delete", "pod", second, "--force", "--grace-period=0");
      const third = await runsElsewhere(first, second);
      const { pods } = await release.state();
      const waiting = pods.find((pod) => pod.state === "waiting")?.name ?? "";
      await until("its log tells that this is the third attempt", async () =>
        /"attempt":"2".*"attempt":"3"/s.test(await waiterLog(waiting)),
      );
      await release.database.query("insert into posts values ('Hello')");
      const state = await serving();
      expect(state.applied[identityOf(state)]).toMatchObject({ applied: 1 });
      expect(await status()).toMatchObject({ phase: "succeeded", pod: third, attempt: 3 });
      const rows = await release.database.query("select state from migration_gate.history order by key");
      expect(rows).toEqual([{ state: "done" }, { state: "done" }]);
      expect(ledgerProblems(await data())).toEqual([]);
    },
  );

  chapter("keeps no success of a version that a breaking migration has left behind", async () => {
    await release.upgrade(sets.breaking);
    const state = await serving();
    expect(Object.keys(await data()).sort()).toEqual([identityOf(state), "breaking", "status"].sort());
    expect(ledgerProblems(await data())).toEqual([]);
  });
});

/** The commands of docs/operations.md as they stand there, but for the namespace. */
async function documentedCommands({ name }: Namespace): Promise<string> {
  const page = await readFile("docs/operations.md", "utf8");
  const [commands] = fencedBlocks(section(page, "With kubectl alone"));
  return commands?.text.replaceAll("--namespace shop", `--namespace ${name}`) ?? "";
}

/** Runs commands in a shell, and returns what they print. */
async function run({ cluster }: Namespace, script: string): Promise<string> {
  const env = { KUBECONFIG: cluster.kubeconfig, PATH: `${dirname(cluster.kubectl)}:${process.env["PATH"]}` };
  return (await execa("sh", ["-eu", "-c", script], { env, timeout: 180_000 })).stdout;
}
