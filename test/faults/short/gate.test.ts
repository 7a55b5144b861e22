import { expect } from "vitest";
import { isServing, refusedPod } from "../../e2e/scenario/release-state.ts";
import { beginsEndless, endsInDatabase, servesAfterSlow } from "../endless-migration.ts";
import { endless, sets } from "../migrations.ts";
import { scenarios } from "../scenario.ts";
import { waiterSays } from "../waiter-log.ts";

const scenario = await scenarios({ group: "The gate", name: "short-gate" });

scenario(
  {
    id: "scaled-up-later",
    disturbance: "Months later: the Job, its pod and all events are gone, and an autoscaler adds two pods",
    others: {
      become: "every new pod waits for ever, or fails for ever",
      reports: ["groundnuty/k8s-wait-for#50", "y-scope/clp#2043", "reportportal/kubernetes#539"],
    },
    ours: "the ledger answers, and they start at once",
  },
  async ({ release: { namespace }, serves, disturb, recovers }) => {
    const { applied } = await serves(sets.posts);
    await disturb("the Job is gone, and the Deployment scaled up", async () => {
      await namespace.kubectl("delete", "jobs,events", "--all");
      await namespace.kubectl("scale", "deployment/shop-shop", "--replicas", "3");
    });
    const later = await recovers("three pods serve", (state) => isServing(state) && state.pods.length === 3);
    expect(later).toMatchObject({ jobs: [], applied });
    expect(later.pods.map(({ restarts }) => restarts)).toEqual([0, 0, 0]);
  },
);

scenario(
  {
    id: "drained-while-stuck",
    disturbance:
      "A new migration has failed, the Job of the old version is gone, and a pod of the old version is deleted, as when its node is drained",
    others: {
      become: "the old version cannot start any more: a failed migration becomes an outage",
      reports: ["groundnuty/k8s-wait-for#50", "andrcuns/charts#101"],
    },
    ours: "another pod of the old version takes its place at once; those of the new one stay out until the migration is corrected",
  },
  async ({ release, upgrade, serves, disturb, recovers }) => {
    const before = await serves(sets.posts);
    await upgrade(sets.broken);
    await release.reaches("the new pod is not let in", (state) => !!refusedPod(state));
    await disturb("the pod of the old version is deleted", async () => {
      await release.namespace.kubectl("delete", "pod", before.pods[0]?.name ?? "");
    });
    const after = await recovers("another pod of the old version serves", ({ pods }) =>
      pods.some(({ awaits, state }) => awaits === before.workloads[0]?.awaits && state === "ready"),
    );
    expect(refusedPod(after)?.refusal?.message).toMatch(/0003_add_slug\.sql:1:\d+: SQLSTATE 23502/);
    await serves(sets.tags);
  },
);

scenario(
  {
    id: "job-deleted-running",
    disturbance: "The Job is deleted while its migration runs, with the pods of the new version waiting for it",
    others: {
      become: "waiting for a Job that was deleted lasts until the time-out, without a word",
      reports: ["kubernetes/kubectl#1482"],
    },
    ours: "the migration is rolled back, the waiting pods say that the Job was deleted, and the next upgrade creates it: they go on without a restart",
  },
  async (stage) => {
    const { release, upgrade, disturb } = stage;
    await beginsEndless(stage);
    await disturb("the Job is deleted, and the release upgraded to what it is", async () => {
      await release.namespace.kubectl("delete", "jobs", "--all");
      expect(await release.database.query("select to_regclass('slow') as slow")).toEqual([{ slow: null }]);
      await waiterSays(release.namespace, /the Job was deleted, a new one is awaited/);
      await upgrade(endless(sets.posts));
      await endsInDatabase(stage);
    });
    await servesAfterSlow(stage);
  },
);
