import type { V1Deployment, V1Job, V1Pod } from "@kubernetes/client-node";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import {
  type BaseValues,
  type BlogRelease,
  blogChart,
  releaseFlags,
  writeBaseValues,
} from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { createCredentials, startDatabase } from "../../tools/environment/database.ts";
import { failures, startLoad } from "../../tools/environment/load.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { closedGate, listPods } from "../../tools/environment/pods.ts";
import { reachService } from "../../tools/environment/service.ts";
import { until } from "../../tools/environment/until.ts";
import { type ClusterEvent, startRecorder } from "../../tools/timeline/recorder.ts";
import { awaitedIdentities, isApplicationPod, type PodState, podState } from "../../tools/timeline/timeline.ts";
import { chapters } from "./chapters.ts";
import { logThatTells } from "./container-log.ts";
import { dump } from "./dump.ts";
import { reachableUrl } from "./scenario/database-access.ts";

const images = inject("blogImages");
const requestsPerSecond = 25;

// One release, told from its installation to its last scale-up: each test goes on where the one before it ended.
describe.concurrent.each<HelmMajor>([3, 4])("the blog's story with Helm %i", (major) => {
  let namespace: Namespace;
  let values: BaseValues;
  let url: string;

  beforeAll(async () => {
    namespace = await emptyNamespace(await connectLocalCluster(), `e2e-story-helm${major}`);
    values = await writeBaseValues(images);
  });
  afterAll(async () => {
    await deleteNamespace(namespace);
    await values[Symbol.asyncDispose]();
  });

  const chapter = chapters(() => dump(namespace));
  const upgrade = (release: BlogRelease, ...flags: string[]) => {
    const changed = releaseFlags(images, release);
    return namespace.helm(
      major,
      "upgrade",
      "--install",
      "blog",
      blogChart,
      "--values",
      values.file,
      ...changed,
      ...flags,
    );
  };
  const wait = ["--wait", "--timeout", "5m"];

  chapter("no application container starts before the migration, however late the database is", async () => {
    const passwords = await createCredentials(namespace);
    await upgrade("v1");
    const pods = await until("four pods wait at the gate", async () => {
      const listed = await listPods(namespace, "blog");
      return listed.length === 4 && listed.every((pod) => podState(pod) === "waiting") && listed;
    });
    // The migrator keeps trying for as long as the database is away: what it logs then is the condition to wait for.
    await until("the migrator says that the database cannot be reached", async () =>
      /database is not available yet/.test(await migratorLog(namespace)),
    );
    expect(pods.flatMap((pod) => pod.status?.containerStatuses?.filter((status) => status.started) ?? [])).toEqual([]);

    await startDatabase(namespace, images.postgres, passwords);
    await until("four pods are ready", async () => (await readyPods(namespace)).length === 4, { timeoutMs: 180_000 });
    const succeededAt = await successOf(namespace, await currentIdentity(namespace));
    for (const pod of await listPods(namespace, "blog")) {
      // Kubernetes gives whole seconds.
      expect(startOfApplication(pod)).toBeGreaterThanOrEqual(Math.floor(succeededAt / 1000) * 1000);
    }
    url = (await reachService(namespace, "blog", "http")).url;
    expect(await (await fetch(url)).text()).toContain("Deploying on Fridays, calmly");
  });

  chapter("the application's role cannot change the schema", async () => {
    const connectionString = await reachableUrl(namespace, "blog-db-app");
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      await expect(client.query("create table intruder ()")).rejects.toMatchObject({ code: "42501" });
      await expect(client.query("alter table posts add column intruder int")).rejects.toMatchObject({ code: "42501" });
      await expect(client.query("select count(*) from posts")).resolves.toMatchObject({ rowCount: 1 });
    } finally {
      await client.end();
    }
  });

  chapter("an upgrade that changes nothing rolls no pod and runs no Job", async () => {
    const before = await identityOfObjects(namespace);
    await upgrade("v1", ...wait);
    expect(await identityOfObjects(namespace)).toEqual(before);
  });

  chapter("an upgrade under load fails no request, and all old pods stay ready until the gate opens", async () => {
    const oldPods = new Set((await readyPods(namespace)).map((pod) => pod.metadata?.uid));
    await using recorder = startRecorder(namespace);
    await using load = startLoad(url, requestsPerSecond);
    await upgrade("v2", ...wait);
    expect(failures(await load.stop())).toEqual([]);

    const opened = await successOf(namespace, await currentIdentity(namespace));
    const changes = podChanges(recorder.events).filter((change) => change.at < opened);
    const ofOldPods = changes.filter((change) => oldPods.has(change.uid)).map((change) => change.state);
    const ofNewPods = changes.filter((change) => !oldPods.has(change.uid)).map((change) => change.state);
    expect(new Set(ofOldPods)).toEqual(new Set(["ready"]));
    expect(ofNewPods).toContain("waiting");
    expect(ofNewPods).not.toContain("ready");
    for (const pod of await readyPods(namespace)) {
      expect(startOfApplication(pod)).toBeGreaterThanOrEqual(Math.floor(opened / 1000) * 1000);
    }
    expect((await fetch(url)).ok).toBe(true);
  });

  chapter(
    "a failing migration stops the rollout, says where and why in the new pod, and the old version keeps serving",
    async () => {
      const oldPods = (await readyPods(namespace)).map((pod) => pod.metadata?.uid).sort();
      await using load = startLoad(url, requestsPerSecond);
      await upgrade("v3");
      const gate = await until("a new pod's gate stays closed", () => closedGate(namespace, "blog"));
      expect(gate.exitCode).toBe(10);
      expect(gate.message).toMatch(/\.sql:\d+:\d+/);
      expect(gate.message).toContain("23502");
      // The kubelet starts the waiter again, which then says the same.
      const log = await logThatTells(namespace, gate.pod, gate.container, "23502");
      expect(log).toMatch(/kubectl logs [^"]*--?c(ontainer)?[ =]migrate/);
      expect((await readyPods(namespace)).map((pod) => pod.metadata?.uid).sort()).toEqual(oldPods);
      expect(failures(await load.stop())).toEqual([]);
    },
  );

  chapter("a rollback makes it healthy without replacing a pod that serves", async () => {
    const serving = (await readyPods(namespace)).map((pod) => pod.metadata?.uid).sort();
    await namespace.helm(major, "rollback", "blog", ...wait);
    await until("only the pods that served are left", async () => {
      const left = (await listPods(namespace, "blog")).map((pod) => pod.metadata?.uid).sort();
      return left.join() === serving.join();
    });
  });

  chapter("the corrected migration goes through", async () => {
    await using load = startLoad(url, requestsPerSecond);
    await upgrade("v4", ...wait);
    expect(failures(await load.stop())).toEqual([]);
  });

  chapter("after the Jobs are gone, new pods start at once from the ledger", async () => {
    await namespace.kubectl("delete", "jobs", "--all");
    await namespace.kubectl("scale", "deployment/blog", "--replicas", "6");
    const pods = await until("six pods are ready", async () => {
      const ready = await readyPods(namespace);
      return ready.length === 6 && ready;
    });
    expect(await namespace.get("jobs")).toMatchObject({ items: [] });
    for (const pod of pods) expect(pod.status?.initContainerStatuses?.[0]?.restartCount).toBe(0);
  });
});

async function readyPods(namespace: Namespace): Promise<V1Pod[]> {
  return (await listPods(namespace, "blog")).filter((pod) => podState(pod) === "ready");
}

async function migratorLog(namespace: Namespace): Promise<string> {
  const { items } = await namespace.get<{ items: V1Job[] }>("jobs");
  return namespace.kubectl("logs", `job/${items[0]?.metadata?.name}`, "--container", "migrate");
}

/** The identity that the current application pods wait for. */
async function currentIdentity(namespace: Namespace): Promise<string> {
  const deployment = await namespace.get<V1Deployment>("deployment", "blog");
  return awaitedIdentities(deployment.spec?.template.spec)[0] ?? "";
}

/** When the ledger says that an identity's migrations succeeded, in milliseconds since the epoch. */
async function successOf(namespace: Namespace, identity: string): Promise<number> {
  const ledger = await namespace.get<{ data?: Record<string, string> }>("configmap", "blog-migrations-ledger");
  return Date.parse(JSON.parse(ledger.data?.[identity] ?? "{}").succeededAt);
}

function startOfApplication(pod: V1Pod): number {
  return Number(new Date(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? Number.NaN));
}

async function identityOfObjects(namespace: Namespace) {
  const { items: jobs } = await namespace.get<{ items: V1Job[] }>("jobs");
  const deployment = await namespace.get<V1Deployment>("deployment", "blog");
  return {
    jobs: jobs.map((job) => job.metadata?.uid),
    generation: deployment.metadata?.generation,
    pods: (await listPods(namespace, "blog")).map((pod) => pod.metadata?.uid).sort(),
  };
}

/** The states that the application's pods went through, those of the database and of Jobs left out. */
function podChanges(events: readonly ClusterEvent[]): { at: number; uid: string; state: PodState }[] {
  return events.flatMap((event) =>
    event.kind === "Pod" && isApplicationPod(event.object, "blog")
      ? [{ at: event.at, uid: event.object.metadata?.uid ?? "", state: podState(event.object) }]
      : [],
  );
}
