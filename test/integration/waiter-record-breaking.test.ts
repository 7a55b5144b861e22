import { expect, test } from "vitest";
import { identity, ledger } from "../support/kube-api-blog.ts";
import { useRecorder } from "../support/kube-api-recorder.ts";
import {
  reportedAt as at,
  reportOf as run,
  reportOfSuccess as succeeded,
  reportedSuccess as success,
} from "../support/run-reports.ts";

const recorder = useRecorder();
const { startAlongside, writeReport, data, status, acknowledged, patches } = recorder;
const eventually = { timeout: 5_000, interval: 10 };

/** Entries of other identities, from before and from after `at`. */
const entry = (succeededAt: string) => JSON.stringify({ succeededAt, applied: 1 });
const before = { "1111111111": entry("2025-12-31T23:59:59.999Z"), "2222222222": "{}" };
const after = { "3333333333": entry(at), "4444444444": entry("2026-01-02T00:00:00.000Z") };

/** What a run tells of a history in which a breaking migration was finished then. */
const knowing = { readAt: "2026-01-03T00:00:00.000Z", breakingAppliedAt: at };

test("what another writer adds in between is neither overwritten nor overlooked: a 409 reads again", async () => {
  recorder.api.store.put("configmaps", ledger());
  startAlongside(JSON.stringify(run("applying")));
  await expect.poll(() => status()["phase"], eventually).toBe("applying");
  recorder.api.store.put("configmaps", ledger({ "1111111111": "{}", note: "mine" }));
  writeReport(succeeded({ history: knowing }));
  await expect.poll(acknowledged, eventually).toBeDefined();
  expect(Object.keys(data()).sort()).toEqual([identity, "breaking", "note", "status"].sort());
  expect(patches()).toHaveLength(3);
});

test("a breaking run removes the entries of all earlier versions in the same write", async () => {
  recorder.api.store.put("configmaps", ledger({ ...before, note: "mine" }));
  startAlongside(JSON.stringify(succeeded({ history: knowing })));
  await expect.poll(acknowledged, eventually).toBeDefined();
  expect(Object.keys(data()).sort()).toEqual([identity, "breaking", "note", "status"].sort());
  expect(patches()).toHaveLength(1);
});

test("where a breaking run was lost, the retried one removes the earlier versions, and no later one", async () => {
  recorder.api.store.put("configmaps", ledger({ ...before, ...after }));
  startAlongside(JSON.stringify(succeeded({ success: { ...success, applied: 0 }, history: knowing })));
  await expect.poll(acknowledged, eventually).toBeDefined();
  const left = [identity, ...Object.keys(after), "breaking", "status"].sort();
  expect(Object.keys(data()).sort()).toEqual(left);
  writeReport(succeeded({ runId: "run-2", success: { ...success, applied: 0 }, history: knowing }));
  await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-2" });
  expect(Object.keys(data()).sort()).toEqual(left);
});

test("a breaking run takes the earlier versions' entries as soon as it is applied, though it fails later", async () => {
  recorder.api.store.put("configmaps", ledger({ ...before, ...after }));
  startAlongside(JSON.stringify(run("applying")));
  await expect.poll(() => status()["phase"], eventually).toBe("applying");
  expect(data()).toMatchObject({ ...before, ...after });
  writeReport(run("applying", { history: knowing }));
  await expect
    .poll(() => Object.keys(data()).sort(), eventually)
    .toEqual([...Object.keys(after), "breaking", "status"]);
  writeReport(run("failed", { failure: { exitCode: 4, message: "no" }, history: knowing }));
  await expect.poll(() => status()["phase"], eventually).toBe("failed");
  expect(Object.keys(data()).sort()).toEqual([...Object.keys(after), "breaking", "status"]);
});

test("a success that was held up until another version had applied a breaking migration is not recorded, whatever its node's clock says", async () => {
  recorder.api.store.put("configmaps", ledger());
  recorder.api.fail({ kind: "status", status: 503 }, { verbs: ["get", "patch"] });
  const updatedAt = "2030-01-01T00:00:00.000Z";
  startAlongside(JSON.stringify(succeeded({ updatedAt, history: { readAt: "2025-12-31T23:59:59.999Z" } })));
  await recorder.pod.line("recording failed, retrying");
  const breaking = { breaking: JSON.stringify({ formatVersion: 1, appliedAt: at }) };
  recorder.api.store.put("configmaps", ledger({ ...after, ...breaking }));
  recorder.api.stopFailing();
  await recorder.pod.line("the success came too late: a breaking migration was applied after it");
  writeReport(run("failed", { failure: { exitCode: 5, message: "not acknowledged" } }));
  await expect.poll(() => status()["phase"], eventually).toBe("failed");
  expect(data()).toEqual({ ...after, ...breaking, status: expect.any(String) });
  expect(acknowledged()).toBeUndefined();
});
