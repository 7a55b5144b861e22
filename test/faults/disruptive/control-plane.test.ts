import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { clusterParts } from "../cluster-parts.ts";
import { beginsEndless, endsInDatabase, servesAfterSlow } from "../endless-migration.ts";
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
  async (stage) => {
    await beginsEndless(stage);
    await using apiServer = clusterParts("kube-apiserver");
    await stage.disturb(`the API server is down for ${outageSeconds} s`, async () => {
      await apiServer.kill();
      await endsInDatabase(stage);
      await sleep(outageSeconds * 1000);
    });
    await Promise.all([apiServer.restart(), servesAfterSlow(stage)]);
  },
);

scenario(
  {
    id: "etcd-restarted",
    disturbance: "etcd is killed and started again while a migration runs, which ends meanwhile",
    ours: "the success is recorded and the pod starts, without a restart",
  },
  async (stage) => {
    await beginsEndless(stage);
    await using etcd = clusterParts("etcd");
    await stage.disturb("etcd is killed, and the migration ends", async () => {
      await etcd.kill();
      await endsInDatabase(stage);
    });
    await Promise.all([etcd.restart(), servesAfterSlow(stage)]);
  },
);
