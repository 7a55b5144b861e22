import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject } from "vitest";
import { isServing } from "../../e2e/scenario/release-state.ts";
import { appliedMigrations, areApplied } from "../applied.ts";
import { killPart } from "../cluster-parts.ts";
import { hasWaitingPod } from "../disturbances.ts";
import { endless, endMigration, sets } from "../migrations.ts";
import { scenarios } from "../scenario.ts";

// These disturb all that the cluster is used for.
const scenario = await scenarios({ group: "The control plane", name: "disruptive", concurrent: false });

const outageSeconds = inject("faultsOutageSeconds");

scenario(
  {
    id: "api-server-down",
    disturbance: `The API server is killed while a migration runs, and started again ${outageSeconds} seconds later; the migration ends meanwhile`,
    others: {
      become: "a watch that was open hangs, or ends for good",
      reports: ["kubernetes-client/javascript#364", "kubernetes-client/javascript#596"],
    },
    ours: "waiter and recorder stay and try again; the success is recorded and the pod starts, without a restart",
  },
  async ({ release, upgrade, disturb, recovers }) => {
    await upgrade(endless(sets.posts));
    await release.reaches("a pod waits", (state) => hasWaitingPod(state));
    await areApplied(release.database, 1);
    await disturb(`the API server is down for ${outageSeconds} s`, async () => {
      await using _outage = await killPart("kube-apiserver");
      await endMigration(release.database);
      await areApplied(release.database, 2);
      await sleep(outageSeconds * 1000);
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await appliedMigrations(release.database)).toEqual(["0001_create_posts", "0009_slow"]);
  },
);

scenario(
  {
    id: "etcd-restarted",
    disturbance: "etcd is killed and started again while a migration runs, which ends meanwhile",
    ours: "the success is recorded and the pod starts, without a restart",
  },
  async ({ release, upgrade, disturb, recovers }) => {
    await upgrade(endless(sets.posts));
    await release.reaches("a pod waits", (state) => hasWaitingPod(state));
    await areApplied(release.database, 1);
    await disturb("etcd is killed and started again", async () => {
      await using _outage = await killPart("etcd");
      await endMigration(release.database);
      await areApplied(release.database, 2);
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await appliedMigrations(release.database)).toEqual(["0001_create_posts", "0009_slow"]);
  },
);
