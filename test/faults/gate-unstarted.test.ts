import { expect } from "vitest";
import { ownerSecret } from "../e2e/scenario/application.ts";
import { isServing } from "../e2e/scenario/release-state.ts";
import { sets } from "./migrations.ts";
import { scenarios } from "./scenario.ts";
import { waiterSays } from "./waiter-log.ts";

const scenario = await scenarios({ group: "A Job whose pod does not start", name: "unstarted" });

const others = {
  become: "the pods wait, and nothing says for what",
  reports: ["groundnuty/k8s-wait-for#61", "DefectDojo/django-DefectDojo#10727"],
};

/** The waiter cannot see the reason, and names the command that shows it. */
const hint = /if it does not start \(missing Secret, image pull, quota, scheduling\), see: kubectl describe pod/;

scenario(
  {
    id: "secret-missing",
    disturbance: "The Secret with the database's credentials does not exist; after a while it is created",
    others,
    ours: "the waiting pods name the command that shows why, and everything goes on by itself",
  },
  async ({ release, upgrade, disturb, recovers }) => {
    await disturb("the Secret is missing until a pod has waited for a minute", async () => {
      await release.namespace.kubectl("delete", "secret", ownerSecret);
      await upgrade(sets.posts);
      await waiterSays(release.namespace, hint);
      await release.namespace.apply(release.database.ownerSecret(ownerSecret));
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
  },
);

scenario(
  {
    id: "image-missing",
    disturbance: "The image of the migrations cannot be pulled; then the release is upgraded to one that can",
    others,
    ours: "the waiting pods name the command that shows why; the old version serves on, and the upgrade succeeds",
  },
  async ({ release, serves, upgrade, disturb, recovers }) => {
    const before = await serves(sets.posts);
    await disturb("the image is missing until a pod has waited for a minute", async () => {
      await upgrade(sets.tags, "--set-string", "migrations.image.tag=missing");
      await waiterSays(release.namespace, hint);
      expect((await release.state()).pods).toContainEqual(
        expect.objectContaining({ uid: before.pods[0]?.uid, state: "ready" }),
      );
      await upgrade(sets.tags);
    });
    await recovers("the new version serves", isServing);
  },
);

scenario(
  {
    id: "quota-exceeded",
    disturbance: "A ResourceQuota admits no pod of the Job; after a while it is lifted",
    others,
    ours: "the waiting pods name the command that shows why, and everything goes on by itself",
  },
  async ({ release, upgrade, disturb, recovers }) => {
    // By the priority class, so that the quota is about the Job's pod and not about the application's.
    const priorityClassName = "system-cluster-critical";
    await disturb("the quota is there until a pod has waited for a minute", async () => {
      await release.namespace.apply({
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "none" },
        spec: {
          hard: { pods: "0" },
          scopeSelector: {
            matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: [priorityClassName] }],
          },
        },
      });
      await upgrade(sets.posts, "--set", `migrations.job.priorityClassName=${priorityClassName}`);
      await waiterSays(release.namespace, hint);
      await release.namespace.kubectl("delete", "resourcequota", "none");
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
  },
);
