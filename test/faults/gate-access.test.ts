import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { until } from "../../tools/environment/until.ts";
import { attack } from "../e2e/inside/run.ts";
import { hasWaitingPod, isServing } from "../e2e/scenario/release-state.ts";
import { deletePods, restartWaiter } from "./disturbances.ts";
import { beginsEndless, endsInDatabase, servesAfterSlow } from "./endless-migration.ts";
import { endless, endMigration, sets } from "./migrations.ts";
import { blockApi } from "./network.ts";
import { migrationPod } from "./running-migration.ts";
import { type Stage, scenarios } from "./scenario.ts";
import { waiterSays } from "./waiter-log.ts";

const scenario = await scenarios({ group: "The gate and the Kubernetes API", name: "access" });

const tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** How long the API is out of reach: longer than the waiter's patience with a silent connection. */
const outageMs = 120_000;

scenario(
  {
    id: "rbac-removed",
    disturbance:
      "Roles and bindings are removed while the migration runs; waiter and recorder meet 403. Then the same `helm upgrade` restores them",
    others: {
      become: "the waiter ends at the first 403, and its pod restarts more and more slowly",
      reports: ["groundnuty/k8s-wait-for#6", "groundnuty/k8s-wait-for#66", "Infisical/infisical#1491"],
    },
    ours: "the waiter names the missing rule and stays; pods start without a restart, and nothing is applied twice",
  },
  async (stage) => {
    const { release, upgrade, disturb } = stage;
    const { pods } = await beginsEndless(stage);
    await disturb("access is removed until the migration is applied, and restored", async () => {
      await release.namespace.kubectl("delete", "roles,rolebindings", "--all");
      await restartWaiter(release.namespace, pods[0]?.name ?? "");
      await waiterSays(release.namespace, /needs a RoleBinding in namespace .* to a Role with the rule/);
      await endsInDatabase(stage);
      await upgrade(endless(sets.posts));
    });
    // The one that this scenario has made.
    await servesAfterSlow(stage, 1);
  },
);

scenario(
  {
    id: "token-rejected",
    disturbance:
      "The pod's service account is deleted and created again, so that its token is rejected (401); then the pod is replaced",
    ours: "the waiter says so and keeps the gate closed; the new pod starts at once",
  },
  async (stage) => {
    const { release, disturb, recovers } = stage;
    const { pods } = await beginsEndless(stage);
    const pod = pods[0]?.name ?? "";
    await release.namespace.kubectl("delete", "serviceaccount", "default");
    // The API server remembers for a while that it has accepted a token.
    await until("the token is rejected", async () => {
      const place = { pod, container: "wait-for-migrations" };
      return (await attack(release.namespace, place, tokenFile, ["GET /api"]))["GET /api"] === 401;
    });
    await restartWaiter(release.namespace, pod);
    await waiterSays(release.namespace, /the API server rejects the mounted token/);
    await endMigration(release.database);
    const waiting = await release.reaches("the migration is applied", ({ applied }) => Object.keys(applied).length > 0);
    expect(waiting.pods).toMatchObject([{ state: "waiting" }]);
    await disturb("the pod is replaced", () => deletePods(release.namespace));
    await recovers("the new pod serves", isServing);
  },
);

scenario(
  {
    id: "api-dropped-waiter",
    disturbance:
      "For two minutes all packets of a waiting pod to the API server are lost, open connections included; meanwhile the migration ends",
    others: {
      become: "a half-open watch hangs until the time-out",
      reports: ["kubernetes-client/javascript#589", "kubernetes-client/javascript#596"],
    },
    ours: "the silence is noticed, and the pod starts as soon as packets arrive again, without a restart",
  },
  async (stage) => {
    await packetsAreLost(stage, "application");
  },
);

scenario(
  {
    id: "api-dropped-recorder",
    disturbance:
      "For two minutes all packets of the Job's pod to the API server are lost, and the migration ends meanwhile",
    ours: "the success is recorded as soon as packets arrive again, and nothing is applied twice",
  },
  async (stage) => {
    await packetsAreLost(stage, "job");
  },
);

scenario(
  {
    id: "api-refused-at-start",
    disturbance:
      "The API server refuses connections when a pod starts, as behind a service mesh whose proxy is not up or a NetworkPolicy",
    others: {
      become: "the waiter fails, and its pod restarts more and more slowly",
      reports: ["istio/istio#23802", "linkerd/linkerd2#3812"],
    },
    ours: "the waiter stays, names the annotations that open the way, and opens the gate once it gets through",
  },
  async ({ release, serves, upgrade, disturb, recovers }) => {
    await serves(sets.posts);
    await upgrade(endless(sets.tags));
    const { pods } = await release.reaches("a pod waits", hasWaitingPod);
    const pod = pods.find(({ state }) => state === "waiting")?.name ?? "";
    await disturb("connections are refused from the waiter's start on", async () => {
      await using _blockade = await blockApi(release.namespace, pod, "wait-for-migrations", "refused");
      await restartWaiter(release.namespace, pod);
      await waiterSays(release.namespace, /no connection to the API server/);
      await endMigration(release.database);
    });
    const after = await recovers("the new version serves", isServing);
    expect(after.pods).toMatchObject([{ name: pod, restarts: 1 }]);
  },
);

/** Cuts a pod off while the migration runs, until after its end. */
async function packetsAreLost(stage: Stage, whose: "application" | "job"): Promise<void> {
  const { release, disturb } = stage;
  const { pods } = await beginsEndless(stage);
  const waiting = pods[0]?.name ?? "";
  const [pod, container] =
    whose === "application" ? [waiting, "wait-for-migrations"] : [await migrationPod(release.namespace), "migrate"];
  await disturb("packets to the API server are lost", async () => {
    await using _blockade = await blockApi(release.namespace, pod, container, "dropped");
    await endsInDatabase(stage);
    await sleep(outageMs);
    expect((await release.state()).pods).toMatchObject([{ state: "waiting" }]);
  });
  const after = await servesAfterSlow(stage);
  expect(after.pods).toMatchObject([{ name: waiting }]);
}
