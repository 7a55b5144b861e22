import { expect } from "vitest";
import { hasWaitingPod, identityOf, isServing, refusedPod } from "../e2e/scenario/release-state.ts";
import { deleteLedger, deletePods, emptyLedger, replaceJob } from "./disturbances.ts";
import { beginsEndless, endsInDatabase, servesAfterSlow } from "./endless-migration.ts";
import { endless, sets } from "./migrations.ts";
import { scenarios } from "./scenario.ts";
import { waiterSays } from "./waiter-log.ts";

const scenario = await scenarios({ group: "The gate", name: "evidence" });

scenario(
  {
    id: "ttl",
    disturbance: "The Job is deleted by its TTL (`ttlSecondsAfterFinished`), and then a pod is replaced",
    others: {
      become: "the pod waits for ever",
      reports: ["groundnuty/k8s-wait-for#50", "y-scope/clp#2043", "andrcuns/charts#101"],
    },
    ours: "the ledger answers, and it starts at once",
  },
  async ({ release, serves, disturb, recovers }) => {
    const { jobs } = await serves(sets.posts);
    await disturb("the TTL ends, and the pod is deleted", async () => {
      // The field may be changed, and the chart's least is ten minutes.
      const soon = '{"spec":{"ttlSecondsAfterFinished":1}}';
      await release.namespace.kubectl("patch", "job", jobs[0]?.name ?? "", "--patch", soon);
      await release.reaches("the Job is gone", (state) => state.jobs.length === 0);
      await deletePods(release.namespace);
    });
    const { pods } = await recovers("another pod serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
  },
);

scenario(
  {
    id: "ledger-deleted",
    disturbance: "Somebody deletes the ledger, and then a pod is replaced",
    ours: "the completed Job answers, and it starts at once",
  },
  async ({ release, serves, disturb, recovers }) => {
    await serves(sets.posts);
    await disturb("the ledger and the pod are deleted", async () => {
      await deleteLedger(release.namespace);
      await deletePods(release.namespace);
    });
    await recovers("another pod serves", isServing);
  },
);

scenario(
  {
    id: "ledger-and-job-deleted",
    disturbance: "Somebody deletes the ledger and the Job, and then a pod is replaced",
    others: { become: "the pod waits for ever", reports: ["groundnuty/k8s-wait-for#50"] },
    ours: "the pod waits and says for what; the same `helm upgrade` again runs the Job, which finds nothing to do, and the pod starts without a restart",
  },
  async ({ release, serves, upgrade, disturb, recovers }) => {
    await serves(sets.posts);
    await deleteLedger(release.namespace);
    await release.namespace.kubectl("delete", "jobs", "--all");
    await deletePods(release.namespace);
    await waiterSays(release.namespace, /the Job does not exist yet/);
    await disturb("the release is upgraded to what it is", () => upgrade(sets.posts));
    const { pods, applied } = await recovers("the pod serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(Object.values(applied)).toMatchObject([{ applied: 0 }]);
  },
);

scenario(
  {
    id: "ledger-replaced",
    disturbance:
      "The ledger is emptied (`kubectl replace`, `helm upgrade --force`) in the middle of a failed rollout, and a pod of the old version is replaced",
    others: { become: "there is no ledger: the same pod waits for ever", reports: ["groundnuty/k8s-wait-for#50"] },
    ours: "the pod of the old version waits, and rolling forward to a corrected migration makes the application serve",
  },
  async ({ release, serves, upgrade, disturb, recovers }) => {
    const before = await serves(sets.posts);
    await upgrade(sets.broken);
    await release.reaches("the new pod is not let in", (state) => !!refusedPod(state));
    await disturb("the ledger is emptied, the old pod replaced, the migration corrected", async () => {
      await emptyLedger(release.namespace);
      await release.namespace.kubectl("delete", "pod", before.pods[0]?.name ?? "");
      await release.reaches("the old version's new pod waits", (state) => hasWaitingPod(state, identityOf(before)));
      await upgrade(sets.tags);
    });
    const { applied } = await recovers("the application serves", isServing);
    expect(Object.values(applied)).toHaveLength(1);
  },
);

scenario(
  {
    id: "ledger-deleted-running",
    disturbance: "The ledger is deleted while the migration runs",
    ours: "the Job waits with its success until the same `helm upgrade` has restored the ledger, and nothing is applied twice",
  },
  async (stage) => {
    const { release, upgrade, disturb } = stage;
    await beginsEndless(stage);
    await disturb("the ledger is deleted, the migration ends, and the release is upgraded to what it is", async () => {
      await deleteLedger(release.namespace);
      await endsInDatabase(stage);
      await upgrade(endless(sets.posts));
    });
    const { applied } = await servesAfterSlow(stage);
    expect(Object.values(applied)).toHaveLength(1);
  },
);

scenario(
  {
    id: "job-replaced",
    disturbance:
      "The Job is deleted and created again under its name while a pod waits for it (`kubectl replace --force`)",
    others: {
      become: "the watch of the deleted Job never ends",
      reports: ["kubernetes/kubectl#1482"],
    },
    ours: "the pod goes on with the new Job, without a restart",
  },
  async (stage) => {
    const { release, disturb } = stage;
    const { jobs } = await beginsEndless(stage);
    await disturb("the Job is replaced, and its migration ends", async () => {
      await replaceJob(release.namespace, jobs[0]?.name ?? "");
      await endsInDatabase(stage);
    });
    const after = await servesAfterSlow(stage);
    expect(after.jobs[0]?.uid).not.toBe(jobs[0]?.uid);
  },
);
