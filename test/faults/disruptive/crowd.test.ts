import { expect } from "vitest";
import { isServing } from "../../e2e/scenario/release-state.ts";
import { beginsEndless, endsInDatabase } from "../endless-migration.ts";
import { scenarios } from "../scenario.ts";

// It takes all that the node has.
const scenario = await scenarios({ group: "The rollout", name: "crowd", concurrent: false });

const crowd = 200;
/** So that all of them fit. */
const requests = "migrations.waiter.resources.requests.cpu=1m,migrations.waiter.resources.requests.memory=16Mi";
/** The node starts a few containers a second. */
const patience = { timeoutMs: 600_000, intervalMs: 2000 };

scenario(
  {
    id: "crowd",
    disturbance: `${crowd} pods wait on one node for the same migration, and it ends`,
    others: {
      become: "what kubectl says when it is throttled is taken for the Job's state, and the wait never ends",
      reports: ["groundnuty/k8s-wait-for#32"],
    },
    ours: "all of them start, without a restart, and one Job has run",
  },
  async (stage) => {
    const { release, disturb, recovers } = stage;
    await disturb("all wait until the migration may end", async () => {
      await beginsEndless(stage, "--set", requests);
      await release.namespace.kubectl("scale", "deployment/shop-shop", "--replicas", String(crowd));
      await release.reaches(
        "all pods wait",
        ({ pods }) => pods.length === crowd && pods.every(({ state }) => state === "waiting"),
        patience,
      );
      await endsInDatabase(stage);
    });
    const { pods, jobs } = await recovers(
      "all pods serve",
      (state) => isServing(state) && state.pods.length === crowd,
      patience,
    );
    expect(pods.reduce((sum, { restarts }) => sum + restarts, 0)).toBe(0);
    expect(jobs).toHaveLength(1);
  },
);
