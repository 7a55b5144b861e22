import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject } from "vitest";
import { isServing } from "../../e2e/scenario/release-state.ts";
import { appliedMigrations, areApplied } from "../applied.ts";
import { killPart } from "../cluster-parts.ts";
import { hasWaitingPod } from "../disturbances.ts";
import { endless, endMigration, sets } from "../migrations.ts";
import { migrationPod } from "../running-migration.ts";
import { scenarios } from "../scenario.ts";

// It disturbs all that runs on the node.
const scenario = await scenarios({ group: "The migration's pod", name: "node-agents", concurrent: false });

const outageSeconds = inject("faultsOutageSeconds");

scenario(
  {
    id: "node-agents-restarted",
    disturbance:
      "kubelet and containerd are killed on the node of a running migration, and back two minutes later; the migration ends meanwhile",
    ours: "the migration does not notice, and its success is recorded; the pod starts when the kubelet is back",
  },
  async ({ release, upgrade, disturb, recovers }) => {
    await upgrade(endless(sets.posts), "--set", "migrations.job.backoffLimit=0");
    await release.reaches("a pod waits", (state) => hasWaitingPod(state));
    await areApplied(release.database, 1);
    const pod = await migrationPod(release.namespace);
    await disturb(`there is neither kubelet nor containerd for ${outageSeconds} s`, async () => {
      await using _kubelet = await killPart("kubelet");
      await using _containerd = await killPart("containerd");
      await endMigration(release.database);
      await areApplied(release.database, 2);
      await sleep(outageSeconds * 1000);
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await appliedMigrations(release.database)).toEqual(["0001_create_posts", "0009_slow"]);
    const attempts = ["get", "pods", "--selector", "batch.kubernetes.io/job-name", "--output", "name"];
    expect(await release.namespace.kubectl(...attempts)).toBe(`pod/${pod}`);
  },
);
