import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
import { identity, jobName, ledger, ledgerName, recordArguments } from "../support/kube-api-blog.ts";
import { startWaiter, type WaiterPod } from "../support/kube-api-pod.ts";

let api: KubeApi;
let pod: WaiterPod;
const pods: WaiterPod[] = [];

beforeEach(async () => {
  api = await startKubeApi();
});

afterEach(async () => {
  await Promise.all(pods.splice(0).map((one) => one[Symbol.asyncDispose]()));
  await api[Symbol.asyncDispose]();
});

const env = { WAITER_JOB: jobName, WAITER_JOB_UID: "uid-1", WAITER_POD: "pod-1", WAITER_IMAGE: "acme/migrations:1" };

function start(args: readonly string[], extra: Readonly<Record<string, string>> = {}): WaiterPod {
  pod = startWaiter(api, args, { env: { ...env, ...extra } });
  pods.push(pod);
  return pod;
}

/** Starts `record` alongside a migration, whose report directory already holds `report`. */
function startAlongside(report?: string, extra: Readonly<Record<string, string>> = {}): WaiterPod {
  start([...recordArguments, "--report", "report"], extra);
  mkdirSync(join(pod.directory, "report"));
  if (report !== undefined) writeReport(report);
  return pod;
}

function writeReport(report: object | string): void {
  const [temporary, file] = ["temporary", "report.json"].map((name) => join(pod.directory, "report", name));
  writeFileSync(String(temporary), typeof report === "string" ? report : JSON.stringify(report));
  renameSync(String(temporary), String(file));
}

const at = "2026-01-01T00:00:00.000Z";
const run = (phase: string, fields: object = {}) => ({
  formatVersion: 1,
  runId: "run-1",
  phase,
  startedAt: at,
  updatedAt: at,
  ...fields,
});
const success = { applied: 2, durationMs: 10, appliedTo: "0002_posts" };
const succeeded = (fields: object = {}) => run("succeeded", { success, ...fields });

/** Entries of other identities, from before and from after `at`. */
const entry = (succeededAt: string) => JSON.stringify({ succeededAt, applied: 1 });
const before = { "1111111111": entry("2025-12-31T23:59:59.999Z"), "2222222222": "{}" };
const after = { "3333333333": entry(at), "4444444444": entry("2026-01-02T00:00:00.000Z") };

const data = () => (api.store.get("configmaps", ledgerName)?.["data"] ?? {}) as Record<string, string>;
const status = () => JSON.parse(data()["status"] ?? "{}") as Record<string, unknown>;
const acknowledged = () => {
  try {
    return JSON.parse(readFileSync(join(pod.directory, "report", "acknowledged.json"), "utf8")) as { runId: string };
  } catch {
    return undefined;
  }
};
const patches = () => api.requests.filter(({ verb }) => verb === "patch");
const eventually = { timeout: 5_000, interval: 10 };

describe("alongside the migration", () => {
  test("every phase is in the ledger, then the success, which is acknowledged; it stays until SIGTERM and ends with 0", async () => {
    api.store.put("configmaps", ledger());
    startAlongside();
    await pod.line("recording the migration");
    writeReport(run("connecting"));
    await expect.poll(() => status()["phase"], eventually).toBe("connecting");
    writeReport(run("applying", { progress: { current: 1, total: 2, migration: "0001_users" } }));
    await expect
      .poll(() => status(), eventually)
      .toMatchObject({
        identity,
        job: jobName,
        jobUid: "uid-1",
        pod: "pod-1",
        phase: "applying",
        progress: { current: 1, total: 2, migration: "0001_users" },
      });
    expect(data()).not.toHaveProperty(identity);
    writeReport(succeeded());
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    expect(JSON.parse(data()[identity] ?? "")).toMatchObject({ image: "acme/migrations:1", applied: 2 });
    expect(patches().map(({ query }) => query.get("fieldManager"))).toEqual(Array(3).fill("migration-gate"));
    expect(pod.process.exitCode).toBeNull();
    const terminatedMs = performance.now();
    pod.process.kill("SIGTERM");
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(performance.now() - terminatedMs).toBeLessThan(500);
  });

  test("the last report is written though SIGTERM comes with it", async () => {
    api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    writeReport(run("failed", { failure: { exitCode: 4, message: "relation exists", sqlState: "42P07" } }));
    pod.process.kill("SIGTERM");
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(status()).toMatchObject({ phase: "failed", failure: { exitCode: 4, sqlState: "42P07" } });
    expect(data()).not.toHaveProperty(identity);
  });

  test("progress alone is written every 10 s at most", async () => {
    api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => patches().length, eventually).toBe(1);
    for (let current = 1; current <= 50; current += 1) {
      writeReport(run("applying", { progress: { current, total: 50, migration: `m${current}` } }));
    }
    writeReport(succeeded());
    await expect.poll(acknowledged, eventually).toBeDefined();
    expect(patches()).toHaveLength(2);
  });

  test.each<[string, string]>([
    ["torn", JSON.stringify(succeeded()).slice(0, 80)],
    ["empty", ""],
    ["10 MB long", JSON.stringify(succeeded({ padding: "x".repeat(10_000_000) }))],
    ["a success without its figures", JSON.stringify(run("succeeded"))],
    ["of another format", JSON.stringify({ ...succeeded(), formatVersion: 2 })],
  ])("a report that is %s is ignored with a warning, and the next one counts", async (_what, report) => {
    api.store.put("configmaps", ledger());
    startAlongside(report);
    await pod.line("the report file is ignored");
    expect(data()).toEqual({});
    writeReport(succeeded());
    await expect.poll(acknowledged, eventually).toBeDefined();
  });

  test("a success survives an outage and a later report of failure; it is acknowledged only when it is written", async () => {
    api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    api.fail({ kind: "status", status: 503 }, { verbs: ["get", "patch"] });
    writeReport(succeeded());
    await pod.line("recording failed, retrying");
    expect(acknowledged()).toBeUndefined();
    writeReport(run("failed", { failure: { exitCode: 5, message: "not acknowledged in time" } }));
    api.stopFailing();
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    expect(data()).toHaveProperty(identity);
    expect(status()["phase"]).toBe("succeeded");
  });

  test("a run of another container after a restart is a new run", async () => {
    api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(succeeded()));
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    writeReport(succeeded({ runId: "run-2" }));
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-2" });
  });

  test("what another writer adds in between is neither overwritten nor overlooked: a 409 reads again", async () => {
    api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    api.store.put("configmaps", ledger({ "1111111111": "{}", note: "mine" }));
    writeReport(succeeded({ success: { ...success, breakingAppliedAt: at } }));
    await expect.poll(acknowledged, eventually).toBeDefined();
    expect(Object.keys(data()).sort()).toEqual([identity, "note", "status"].sort());
    expect(patches()).toHaveLength(3);
  });

  test("a breaking run removes the entries of all earlier versions in the same write", async () => {
    api.store.put("configmaps", ledger({ ...before, note: "mine" }));
    startAlongside(JSON.stringify(succeeded({ success: { ...success, breakingAppliedAt: at } })));
    await expect.poll(acknowledged, eventually).toBeDefined();
    expect(Object.keys(data()).sort()).toEqual([identity, "note", "status"].sort());
    expect(patches()).toHaveLength(1);
  });

  test("where a breaking run was lost, the retried one removes the earlier versions, and no later one", async () => {
    api.store.put("configmaps", ledger({ ...before, ...after }));
    startAlongside(JSON.stringify(succeeded({ success: { ...success, applied: 0, breakingAppliedAt: at } })));
    await expect.poll(acknowledged, eventually).toBeDefined();
    expect(Object.keys(data()).sort()).toEqual([identity, ...Object.keys(after), "status"].sort());
    writeReport(succeeded({ runId: "run-2", success: { ...success, applied: 0, breakingAppliedAt: at } }));
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-2" });
    expect(Object.keys(data()).sort()).toEqual([identity, ...Object.keys(after), "status"].sort());
  });

  test("a ledger that is missing is waited for", async () => {
    startAlongside(JSON.stringify(succeeded()));
    expect(await pod.line("recording failed, retrying")).toMatchObject({
      status: 404,
      hint: expect.stringContaining("the next helm upgrade creates it again"),
    });
    api.store.put("configmaps", ledger());
    await expect.poll(acknowledged, eventually).toBeDefined();
  });

  test("after SIGTERM it does not wait for an API that stays away", async () => {
    api.fail({ kind: "silence" }, { verbs: ["get", "patch"] });
    startAlongside(JSON.stringify(run("applying")), { WAITER_LINGER: "300ms" });
    await pod.line("recording the migration");
    pod.process.kill("SIGTERM");
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(pod.lines.at(-2)).toMatchObject({ level: "warn", msg: "ended before the last report could be written" });
  });

  test("without its directory it ends with 2 at once", async () => {
    start([...recordArguments, "--report", "nowhere"]);
    expect(await pod.ended).toMatchObject({ exitCode: 2 });
    expect(pod.terminationMessage).toContain("nowhere is not a directory");
  });
});

describe("after the migration", () => {
  test("the success is written and it ends with 0", async () => {
    api.store.put("configmaps", ledger());
    start(recordArguments);
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(data()[identity] ?? "")).toMatchObject({ job: jobName, image: "acme/migrations:1" });
    expect(status()).toMatchObject({ identity, phase: "succeeded" });
    expect(api.requests.map(({ verb }) => verb)).toEqual(["get", "patch"]);
  });

  test("a refused write is retried, and the log has the rule that is missing", async () => {
    api.store.put("configmaps", ledger());
    api.denied.add("patch configmaps");
    start(recordArguments);
    expect(await pod.line("recording failed, retrying")).toMatchObject({
      status: 403,
      hint: expect.stringContaining(`resourceNames: ["${ledgerName}"], verbs: ["get", "patch"]`),
    });
    api.denied.clear();
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(data()).toHaveProperty(identity);
  });

  test("it never ends with 0 without having written", async () => {
    start(recordArguments, { WAITER_LINGER: "100ms" });
    await pod.line("recording failed, retrying");
    pod.process.kill("SIGTERM");
    expect(await pod.ended).toMatchObject({ exitCode: 143 });
  });
});
