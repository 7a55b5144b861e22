import { describe, expect, test } from "vitest";
import {
  identity,
  job,
  jobName,
  ledger,
  ledgerName,
  recordArguments,
  waitArguments,
} from "../support/kube-api-blog.ts";
import { startWaiter } from "../support/kube-api-pod.ts";
import { useRecorder } from "../support/kube-api-recorder.ts";
import { reportOf as run, reportOfSuccess as succeeded } from "../support/run-reports.ts";

const recorder = useRecorder();
const { start, startAlongside, writeReport, data, status, acknowledged, patches } = recorder;
const eventually = { timeout: 5_000, interval: 10 };

describe("alongside the migration", () => {
  test("every phase is in the ledger, then the success, which is acknowledged; it stays until SIGTERM and ends with 0", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside();
    await recorder.pod.line("recording the migration");
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
    expect(recorder.pod.process.exitCode).toBeNull();
    const terminatedMs = performance.now();
    recorder.pod.process.kill("SIGTERM");
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 0 });
    expect(performance.now() - terminatedMs).toBeLessThan(500);
  });

  test("the last report is written though SIGTERM comes with it", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    writeReport(run("failed", { failure: { exitCode: 4, message: "relation exists", sqlState: "42P07" } }));
    recorder.pod.process.kill("SIGTERM");
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 0 });
    expect(status()).toMatchObject({ phase: "failed", failure: { exitCode: 4, sqlState: "42P07" } });
    expect(data()).not.toHaveProperty(identity);
  });

  test("progress alone is written every 10 s at most", async () => {
    recorder.api.store.put("configmaps", ledger());
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
    ["10 MB long", JSON.stringify({ ...succeeded(), padding: "x".repeat(10_000_000) })],
    ["a success without its figures", JSON.stringify(run("succeeded"))],
    ["of another format", JSON.stringify({ ...succeeded(), formatVersion: 2 })],
  ])("a report that is %s is ignored with a warning, and the next one counts", async (_what, report) => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(report);
    await recorder.pod.line("the report file is ignored");
    expect(data()).toEqual({});
    writeReport(succeeded());
    await expect.poll(acknowledged, eventually).toBeDefined();
  });

  test("a success survives an outage and a later report of failure; it is acknowledged only when it is written", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    recorder.api.fail({ kind: "status", status: 503 }, { verbs: ["get", "patch"] });
    writeReport(succeeded());
    await recorder.pod.line("recording failed, retrying");
    expect(acknowledged()).toBeUndefined();
    writeReport(run("failed", { failure: { exitCode: 5, message: "not acknowledged in time" } }));
    recorder.api.stopFailing();
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    expect(data()).toHaveProperty(identity);
    expect(status()["phase"]).toBe("succeeded");
  });

  test("a run of another container after a restart is a new run", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(succeeded()));
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    writeReport(succeeded({ runId: "run-2" }));
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-2" });
  });

  test("a recorder that is killed goes on when it is started again, and records the success once", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    await recorder.restart();
    writeReport(succeeded());
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    const recorded = data();
    expect(Object.keys(recorded).sort()).toEqual([identity, "status"]);
    await recorder.restart();
    await recorder.pod.line("the ledger holds the success");
    expect(data()).toEqual(recorded);
  });

  test("a recorder that is killed while the API is away records the success when both are back", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    recorder.api.fail({ kind: "reset" }, { verbs: ["get", "patch"] });
    writeReport(succeeded());
    await recorder.pod.line("recording failed, retrying");
    await recorder.restart();
    await recorder.pod.line("recording failed, retrying");
    recorder.api.stopFailing();
    await expect.poll(acknowledged, eventually).toMatchObject({ runId: "run-1" });
    expect(data()).toHaveProperty(identity);
  });

  test("the Job's next pod is told of as attempt 2, by the recorder and by the log of a pod that waits", async () => {
    recorder.api.store.put("configmaps", ledger());
    recorder.api.store.put("jobs", job("uid-1"));
    await using waiter = startWaiter(recorder.api, waitArguments);
    startAlongside(JSON.stringify(run("failed", { failure: { exitCode: 5, message: "no connection" } })));
    await waiter.line("an attempt of the migration failed, the Job may retry it");
    recorder.pod.process.kill("SIGTERM");
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 0 });
    startAlongside(JSON.stringify(run("applying", { runId: "run-2" })), { WAITER_POD: "pod-2" });
    expect(await waiter.line("the migration is being applied")).toMatchObject({ attempt: "2" });
    expect(status()).toMatchObject({ pod: "pod-2", attempt: 2 });
    writeReport(succeeded({ runId: "run-2" }));
    expect(await waiter.ended).toMatchObject({ exitCode: 0 });
    expect(status()).toMatchObject({ phase: "succeeded", attempt: 2 });
  });

  test("a ledger that is missing is waited for", async () => {
    startAlongside(JSON.stringify(succeeded()));
    expect(await recorder.pod.line("recording failed, retrying")).toMatchObject({
      status: 404,
      hint: expect.stringContaining("the next helm upgrade creates it again"),
    });
    recorder.api.store.put("configmaps", ledger());
    await expect.poll(acknowledged, eventually).toBeDefined();
  });

  test("a ledger that was deleted and created again is told of the run, which has nothing new to tell", async () => {
    recorder.api.store.put("configmaps", ledger());
    startAlongside(JSON.stringify(run("applying")));
    await expect.poll(() => status()["phase"], eventually).toBe("applying");
    recorder.api.store.put("configmaps", ledger());
    expect(status()).toEqual({});
    await expect.poll(() => status()["phase"], { ...eventually, timeout: 20_000 }).toBe("applying");
    expect(patches()).toHaveLength(2);
  });

  test("after SIGTERM it does not wait for an API that stays away", async () => {
    recorder.api.fail({ kind: "silence" }, { verbs: ["get", "patch"] });
    startAlongside(JSON.stringify(run("applying")), { WAITER_LINGER: "300ms" });
    await recorder.pod.line("recording the migration");
    recorder.pod.process.kill("SIGTERM");
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 0 });
    expect(recorder.pod.lines.at(-2)).toMatchObject({
      level: "warn",
      msg: "ended before the last report could be written",
    });
  });

  test("without its directory it ends with 2 at once", async () => {
    start([...recordArguments, "--report", "nowhere"]);
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 2 });
    expect(recorder.pod.terminationMessage).toContain("nowhere is not a directory");
  });
});

describe("after the migration", () => {
  test("the success is written and it ends with 0", async () => {
    recorder.api.store.put("configmaps", ledger());
    start(recordArguments);
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(data()[identity] ?? "")).toMatchObject({ job: jobName, image: "acme/migrations:1" });
    expect(status()).toMatchObject({ identity, phase: "succeeded" });
    expect(recorder.api.requests.map(({ verb }) => verb)).toEqual(["get", "patch"]);
  });

  test("a refused write is retried, and the log has the rule that is missing", async () => {
    recorder.api.store.put("configmaps", ledger());
    recorder.api.denied.add("patch configmaps");
    start(recordArguments);
    expect(await recorder.pod.line("recording failed, retrying")).toMatchObject({
      status: 403,
      hint: expect.stringContaining(`resourceNames: ["${ledgerName}"], verbs: ["get", "patch"]`),
    });
    recorder.api.denied.clear();
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 0 });
    expect(data()).toHaveProperty(identity);
  });

  test("it never ends with 0 without having written", async () => {
    start(recordArguments, { WAITER_LINGER: "100ms" });
    await recorder.pod.line("recording failed, retrying");
    recorder.pod.process.kill("SIGTERM");
    expect(await recorder.pod.ended).toMatchObject({ exitCode: 143 });
  });
});
