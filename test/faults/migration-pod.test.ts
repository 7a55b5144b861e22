import { execa } from "execa";
import { expect } from "vitest";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { containerProcess } from "../e2e/scenario/container-process.ts";
import { dirtyElsewhere, isAsleep, runningMigrations } from "./running-migration.ts";
import { scenarios } from "./scenario.ts";

const scenario = await scenarios({ group: "The migration's pod", name: "pod" });
const { begin, completes } = runningMigrations();

scenario(
  {
    id: "migration-pod-force-deleted",
    disturbance: "The migration's pod is deleted with `--force --grace-period=0` in the middle of a transaction",
    others: dirtyElsewhere,
    ours: "the transaction is rolled back, and the Job's next pod does it again",
  },
  async (stage) => {
    const pod = await begin(stage, "4");
    await stage.disturb("the pod is deleted", () =>
      stage.release.namespace.kubectl("delete", "pod", pod, "--force", "--grace-period=0"),
    );
    await completes(stage);
  },
);

scenario(
  {
    id: "migration-pod-evicted",
    disturbance: "The node is drained while the migration runs, and the Job allows no retry (`backoffLimit: 0`)",
    others: dirtyElsewhere,
    ours: "an eviction is no failed attempt: the transaction is rolled back, and the Job's next pod goes on",
  },
  async (stage) => {
    const pod = await begin(stage, "5 second block", "--set", "migrations.job.backoffLimit=0");
    await stage.disturb("the pod is evicted", () => evict(stage.release.namespace, pod));
    await completes(stage);
  },
);

scenario(
  {
    id: "migrate-oom-killed",
    disturbance: "The kernel kills the migrator because its container is out of memory (OOMKilled)",
    others: dirtyElsewhere,
    ours: "the Job's next pod goes on where it ended",
  },
  async (stage) => {
    const { namespace } = stage.release;
    const pod = await begin(stage, "5 alone", "--set", "migrations.migrate.resources.limits.memory=192Mi");
    const ended = namespace.kubectl(
      "wait",
      `pod/${pod}`,
      "--timeout=120s",
      `--for=jsonpath=${migrateReason}=OOMKilled`,
    );
    await stage.disturb("the container's memory is full", async () =>
      (await containerProcess(namespace, pod, "migrate")).exhaustMemory(),
    );
    await Promise.all([completes(stage), ended]);
  },
);

scenario(
  {
    id: "migration-node-lost",
    disturbance:
      "The node of the migration is lost: the database gets no packet any more, not even the end of the connection, and the pod is taken for dead",
    others: dirtyElsewhere,
    ours: "the server gives the lock back within 30 seconds, and the Job's next pod, which waits for that, goes on",
  },
  async (stage) => {
    const { namespace, database } = stage.release;
    const pod = await begin(stage, "2 after");
    await stage.disturb("its link is cut, and its pod is taken for dead", async () => {
      await (await containerProcess(namespace, pod, "migrate")).cutNetwork();
      await namespace.kubectl("delete", "pod", pod, "--force", "--grace-period=0");
    });
    expect(await isAsleep(database)).toBe(true);
    await completes(stage);
  },
);

const migrateReason = '{.status.containerStatuses[?(@.name=="migrate")].state.terminated.reason}';

/** As `kubectl drain` asks for it; of one pod, because the cluster has one node. */
async function evict({ name: namespace, cluster }: Namespace, pod: string): Promise<void> {
  const target = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace } };
  await execa(cluster.kubectl, [...target, "create", "--raw", path, "--filename", "-"], {
    input: JSON.stringify(eviction),
  });
}
