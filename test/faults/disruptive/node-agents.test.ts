import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { startLocalCluster } from "../../../tools/environment/cluster.ts";
import { sets } from "../migrations.ts";
import { migrationPod, runningMigrations } from "../running-migration.ts";
import { scenarios } from "../scenario.ts";

const scenario = await scenarios({ group: "The migration's pod", name: "node-agents", concurrent: false });
const { completes } = runningMigrations();

const long = { ...sets.posts, "0002_long.sql": "create table long (); select pg_sleep(30);" };

/** Long enough for the API server to miss the kubelet's sign of life, too short for it to take the node for lost. */
const outageSeconds = 15;

scenario(
  {
    id: "node-agents-restarted",
    disturbance: `kubelet and containerd are killed on the node of a running migration, and start again after ${outageSeconds} seconds`,
    ours: "the migration does not notice: the same attempt goes on to its end",
  },
  async (stage) => {
    const { release, upgrade, disturb } = stage;
    await upgrade(long, "--set", "migrations.job.backoffLimit=0");
    const pod = await migrationPod(release.namespace);
    await disturb("kill -9 of both", async () => {
      process.kill(await pidOfPart("kubelet"), "SIGKILL");
      process.kill(await pidOfPart("containerd"), "SIGKILL");
      await delay(outageSeconds * 1000);
      await startLocalCluster();
    });
    await completes(stage, long);
    const attempts = ["get", "pods", "--selector", "batch.kubernetes.io/job-name", "--output", "name"];
    expect(await release.namespace.kubectl(...attempts)).toBe(`pod/${pod}`);
  },
);

/** As `npm run cluster -- up` has recorded it. */
async function pidOfPart(name: "kubelet" | "containerd"): Promise<number> {
  return JSON.parse(await readFile(`/run/migration-gate-cluster/parts/${name}.json`, "utf8")).pid;
}
