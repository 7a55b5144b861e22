import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
import {
  identity,
  job,
  jobName,
  ledger,
  ledgerName,
  ledgerWithStatus,
  openLedger,
  waitArguments,
} from "../support/kube-api-blog.ts";
import { startWaiter, type WaiterPod } from "../support/kube-api-pod.ts";

let api: KubeApi;
let pods: WaiterPod[] = [];

beforeEach(async () => {
  api = await startKubeApi();
});

afterEach(async () => {
  await Promise.all(pods.map((pod) => pod[Symbol.asyncDispose]()));
  pods = [];
  await api[Symbol.asyncDispose]();
});

function start(args: readonly string[] = waitArguments, options: Parameters<typeof startWaiter>[2] = {}): WaiterPod {
  const pod = startWaiter(api, args, options);
  pods.push(pod);
  return pod;
}

const verbs = () => api.requests.map(({ verb, resource }) => `${verb} ${resource}`);
const messages = (pod: WaiterPod) => pod.lines.map(({ msg }) => msg);

describe("opens", () => {
  test("with one request when the identity is in the ledger, whatever its value is", async () => {
    api.store.put("configmaps", ledger({ [identity]: "not JSON" }));
    const pod = start();
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(verbs()).toEqual(["list configmaps"]);
    expect(messages(pod)).toEqual(["every gate is open"]);
    expect(pod.terminationMessage).toBe("");
  });

  test("as soon as the ledger gets the entry, though pods of the Job have failed", async () => {
    api.store.put("configmaps", ledger());
    api.store.put("jobs", job("uid-1"));
    const pod = start();
    await pod.line("the Job is running");
    api.store.put("configmaps", openLedger());
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(verbs().sort()).toEqual(["list configmaps", "list jobs", "watch configmaps", "watch jobs"]);
  });

  test("when the Job that did not exist yet is created and completes", async () => {
    const pod = start();
    await pod.line("the Job does not exist yet");
    api.store.put("jobs", job("uid-1"));
    await pod.line("the Job is running");
    api.store.put("jobs", job("uid-1", { type: "Complete" }));
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });

  test("only when every one of several gates is open", async () => {
    api.store.put("configmaps", openLedger());
    const gates = [`${jobName}:${ledgerName}:${identity}`, "shop-1:shop-ledger:1111111111"];
    const pod = start(["wait", ...gates.flatMap((gate) => ["--gate", gate])]);
    await pod.line("the Job does not exist yet");
    expect(pod.process.exitCode).toBeNull();
    api.store.put("configmaps", { metadata: { name: "shop-ledger" }, data: { "1111111111": "{}" } });
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });

  test("over an IPv6 address", async () => {
    await using other = await startKubeApi({ host: "::1" });
    other.store.put("configmaps", openLedger());
    await using pod = startWaiter(other, waitArguments);
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });
});

describe("a failed Job", () => {
  const failed = { type: "Failed", reason: "PodFailurePolicy", message: "Container migrate failed with exit code 4" };
  const failure = {
    exitCode: 4,
    message: "relation exists",
    file: "0003_author.sql",
    line: 4,
    column: 1,
    sqlState: "42P07",
  };

  test("ends it at once with the failure from the ledger, in the log and in the termination message", async () => {
    api.store.put("configmaps", ledgerWithStatus({ phase: "applying" }));
    api.store.put("jobs", job("uid-1"));
    const pod = start();
    await pod.line("the migration is being applied");
    api.store.put("configmaps", ledgerWithStatus({ phase: "failed", failure }));
    api.store.put("jobs", job("uid-1", failed));
    expect(await pod.ended).toMatchObject({ exitCode: 10 });
    const summary = `migration Job ${jobName} failed: 0003_author.sql:4:1: SQLSTATE 42P07: relation exists`;
    expect(pod.lines.at(-1)).toMatchObject({
      level: "error",
      msg: summary,
      showLog: `kubectl logs -n blog job/${jobName} -c migrate`,
      retry: `kubectl migration-gate retry ${jobName} -n blog`,
    });
    expect(pod.terminationMessage).toContain(summary);
    expect(pod.terminationMessage).toContain("PodFailurePolicy: Container migrate failed with exit code 4");
  });

  test("does not count when the ledger, read once more, holds the entry", async () => {
    api.store.put("configmaps", ledger());
    api.store.put("jobs", job("uid-1"));
    // The watch of the ledger is open but mute: only a read can bring the entry.
    api.fail({ kind: "bytes", chunks: [" \n"], afterwards: "silence" }, { verbs: ["watch"], resource: "configmaps" });
    const pod = start();
    await pod.line("the Job is running");
    api.store.put("configmaps", openLedger());
    api.store.put("jobs", job("uid-1", { type: "FailureTarget" }));
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });

  test("that is deleted and created again is forgotten", async () => {
    api.store.put("jobs", {
      ...job("uid-1", failed),
      metadata: { name: jobName, uid: "uid-1", deletionTimestamp: "now" },
    });
    const pod = start();
    await pod.line("the Job is being deleted, a new one is awaited");
    api.store.delete("jobs", jobName);
    await pod.line("the Job was deleted, a new one is awaited");
    api.store.put("jobs", { ...job("uid-2"), spec: { suspend: true } });
    await pod.line("the Job is suspended");
    api.store.put("jobs", job("uid-2"));
    await pod.line("the Job is running");
    api.store.put("jobs", job("uid-2", { type: "Complete" }));
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });
});

describe("the log", () => {
  test("has one line for every change and none for the same again", async () => {
    const progress = (current: number) => ({
      phase: "applying",
      progress: { current, total: 2, migration: `m${current}` },
    });
    api.store.put("jobs", job("uid-1"));
    api.store.put("configmaps", ledgerWithStatus(progress(1)));
    const pod = start();
    await pod.line("the migration is being applied");
    for (let repeat = 0; repeat < 5; repeat += 1)
      api.store.put("configmaps", ledgerWithStatus({ ...progress(1), updatedAt: repeat }));
    api.store.put("configmaps", ledgerWithStatus(progress(2)));
    api.store.put("configmaps", openLedger());
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    const applied = pod.lines.filter(({ msg }) => msg === "the migration is being applied");
    expect(applied.map((line) => line["progress"])).toEqual(["applying 1 of 2: m1", "applying 2 of 2: m2"]);
  });
});

describe("the process", () => {
  test("gives a hint after its time, once", async () => {
    const pod = start(waitArguments, { env: { WAITER_HINT_AFTER: "200ms" } });
    const line = await pod.line("this takes suspiciously long, here is a hint");
    expect(line).toMatchObject({
      level: "warn",
      job: jobName,
      hint: expect.stringContaining("kubectl get jobs -n blog"),
    });
    api.store.put("jobs", job("uid-1"));
    await pod.line("the Job is running");
    api.store.put("configmaps", openLedger());
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(pod.lines.filter(({ hint }) => String(hint).includes("get jobs"))).toHaveLength(1);
  });

  test("ends within 100 ms of SIGTERM, whatever it waits for", async () => {
    const pod = start();
    await pod.line("the Job does not exist yet");
    const startedMs = performance.now();
    pod.process.kill("SIGTERM");
    expect(await pod.ended).toMatchObject({ exitCode: 143 });
    expect(performance.now() - startedMs).toBeLessThan(100);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["outside a cluster", { KUBERNETES_SERVICE_HOST: "" }, /not in a cluster/],
    ["without a token", { WAITER_SERVICE_ACCOUNT_DIR: "/nowhere" }, /no service account file \/nowhere\/token: mount/],
    ["with an identity that is none", { WAITER_IDENTITY: "status" }, /--identity: "status" is not 10 digits/],
  ])("%s ends at once with 2, saying what to do", async (_what, env, message) => {
    const pod = start(["wait", "--job", jobName, "--ledger", ledgerName], {
      env: { WAITER_IDENTITY: identity, ...env },
    });
    expect(await pod.ended).toMatchObject({ exitCode: 2 });
    expect(pod.lines.at(-1)?.msg).toMatch(message);
    expect(pod.terminationMessage).toMatch(message);
    expect(api.requests).toEqual([]);
  });
});
