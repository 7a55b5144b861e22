import { afterAll, describe, expect } from "vitest";
import { until } from "../../tools/environment/until.ts";
import { chapters } from "../e2e/chapters.ts";
import type { ReleaseState } from "../e2e/scenario/release-state.ts";
import { prepareBlogForArgoCd } from "./environment/blog.ts";

// Automated sync, prune and self-heal, by the Application of docs/argocd.md: each test goes on where the one before ended.
describe("the blog's story with Argo CD", async () => {
  const blog = await prepareBlogForArgoCd("argocd-story");
  afterAll(() => blog[Symbol.asyncDispose]());
  const chapter = chapters(blog.explain);
  const stateWhen = (what: string, condition: (state: ReleaseState) => boolean) =>
    until(
      what,
      async () => {
        const state = await blog.state();
        return condition(state) && state;
      },
      { timeoutMs: 240_000 },
    );

  chapter("an installation becomes Healthy once the migrations are applied", async () => {
    await blog.release("v1", "Healthy");
    const { jobs, pods, applied, workloads } = await blog.state();
    expect(jobs).toMatchObject([{ state: "complete" }]);
    expect(pods.map(({ state }) => state)).toEqual(["ready", "ready", "ready", "ready"]);
    expect(Object.keys(applied)).toEqual([workloads[0]?.awaits]);
  });

  chapter("rendering the same commit anew runs no Job and rolls no pod", async () => {
    const before = await blog.state();
    const operation = (await blog.application.status())?.operationState?.startedAt;
    await blog.application.compareAnew();
    expect(await blog.state()).toEqual(before);
    expect(await blog.application.status()).toMatchObject({
      sync: { status: "Synced" },
      operationState: { startedAt: operation },
    });
  });

  chapter("an upgrade prunes the old Job and rolls the pods", async () => {
    const before = await blog.state();
    await blog.release("v2", "Healthy");
    const { jobs, pods, applied } = await stateWhen("the old pods are gone", (state) => state.pods.length === 4);
    expect(jobs).toMatchObject([{ state: "complete" }]);
    expect(jobs[0]?.name).not.toBe(before.jobs[0]?.name);
    expect(uids(pods).filter((uid) => uids(before.pods).includes(uid))).toEqual([]);
    expect(Object.keys(applied)).toHaveLength(2);
  });

  chapter("a failing migration makes the application Degraded, and the old pods keep serving", async () => {
    const before = await blog.state();
    await blog.release("v3", "Degraded");
    const { pods, jobs } = await stateWhen("the new pods say why", (state) =>
      state.pods.some(({ refusal }) => refusal),
    );
    expect(jobs).toMatchObject([{ state: "failed" }]);
    expect(pods.find(({ refusal }) => refusal)?.refusal?.message).toContain("23502");
    expect(uids(pods.filter(({ state }) => state === "ready"))).toEqual(uids(before.pods));
  });

  chapter("a pod of the old version starts at once, though its Job is pruned", async () => {
    const before = await blog.state();
    const [old] = before.pods.filter(({ state }) => state === "ready");
    expect(before.jobs.map(({ name }) => name).join()).not.toContain(old?.awaits);
    await blog.namespace.kubectl("delete", "pod", old?.name ?? "");
    const { pods } = await stateWhen("four pods are ready again", (state) => {
      const ready = state.pods.filter((pod) => pod.state === "ready");
      return ready.length === 4 && ready.every(({ uid }) => uid !== old?.uid);
    });
    const added = pods.filter(({ uid, state }) => state === "ready" && !uids(before.pods).includes(uid));
    expect(added).toMatchObject([{ awaits: old?.awaits, restarts: 0 }]);
  });

  chapter("the correction is synced and applied by a commit alone", async () => {
    await blog.release("v4", "Healthy");
    const { jobs, pods } = await stateWhen("only new pods are left", (state) => state.pods.length === 4);
    expect(jobs).toMatchObject([{ state: "complete" }]);
    expect(new Set(pods.map(({ awaits }) => awaits)).size).toBe(1);
  });

  chapter("a commit that goes back to an older release is let in by the ledger", async () => {
    const { applied } = await blog.state();
    await blog.release("v2", "Healthy");
    const { workloads, jobs } = await stateWhen(
      "only pods of the old release are left",
      (state) => state.pods.length === 4,
    );
    expect(Object.keys(applied)).toContain(workloads[0]?.awaits);
    // Its migrator has met a newer database.
    expect(jobs).toMatchObject([{ state: "complete" }]);
  });

  chapter("a Job that its TTL deletes comes back, applies nothing, and disturbs no pod", async () => {
    const before = await blog.state();
    const [job] = before.jobs;
    // Of the chart's own value this would take ten minutes; a field that is not in the manifest is left alone.
    const patch = JSON.stringify({ spec: { ttlSecondsAfterFinished: 1 } });
    await blog.namespace.kubectl("patch", "job", job?.name ?? "", "--type", "merge", "--patch", patch);
    const after = await stateWhen(
      "the Job is complete once more",
      ({ jobs: [again] }) => again?.state === "complete" && again.uid !== job?.uid,
    );
    expect(after.jobs.map(({ name }) => name)).toEqual([job?.name]);
    const identity = job?.name.slice(-10) ?? "";
    expect(after.applied[identity]).toMatchObject({ applied: 0 });
    expect(after.applied[identity]?.succeededAt).not.toBe(before.applied[identity]?.succeededAt);
    expect(after.pods).toEqual(before.pods);
  });
});

function uids(objects: readonly { readonly uid: string }[]): string[] {
  return objects.map(({ uid }) => uid).toSorted();
}
