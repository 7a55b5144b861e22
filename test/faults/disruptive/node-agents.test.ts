import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject } from "vitest";
import { clusterParts } from "../cluster-parts.ts";
import { beginsEndless, endsInDatabase, servesAfterSlow } from "../endless-migration.ts";
import { migrationPod } from "../running-migration.ts";
import { scenarios } from "../scenario.ts";

// It disturbs all that runs on the node.
const scenario = await scenarios({ group: "The migration's pod", name: "node-agents", concurrent: false });

const outageSeconds = inject("faultsOutageSeconds");

scenario(
  {
    id: "node-agents-restarted",
    disturbance: `kubelet and containerd are killed on the node of a running migration, and back ${outageSeconds} seconds later; the migration ends meanwhile`,
    ours: "the migration does not notice, and its success is recorded; the pod starts when the kubelet is back",
  },
  async (stage) => {
    const { namespace } = stage.release;
    await beginsEndless(stage, "--set", "migrations.job.backoffLimit=0");
    const pod = await migrationPod(namespace);
    await using agents = clusterParts("kubelet", "containerd");
    await stage.disturb(`there is neither kubelet nor containerd for ${outageSeconds} s`, async () => {
      await agents.kill();
      await endsInDatabase(stage);
      await sleep(outageSeconds * 1000);
    });
    await Promise.all([agents.restart(), servesAfterSlow(stage)]);
    const attempts = ["get", "pods", "--selector", "batch.kubernetes.io/job-name", "--output", "name"];
    expect(await namespace.kubectl(...attempts)).toBe(`pod/${pod}`);
  },
);
