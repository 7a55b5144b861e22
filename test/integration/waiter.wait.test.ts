import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
import { startWaiter, type WaiterPod } from "../support/kube-api-pod.ts";
import type { StoredObject } from "../support/kube-api-store.ts";

const identity = "0a1b2c3d4e";
const jobName = `blog-${identity}`;
const ledgerName = "blog-ledger";
const wait = ["wait", "--job", jobName, "--ledger", ledgerName, "--identity", identity];

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

function start(args: readonly string[] = wait, options: Parameters<typeof startWaiter>[2] = {}): WaiterPod {
  const pod = startWaiter(api, args, options);
  pods.push(pod);
  return pod;
}

function ledger(data: Record<string, string> = {}): StoredObject {
  return { metadata: { name: ledgerName }, data };
}

function job(uid: string, condition?: { type: string; reason?: string; message?: string }): StoredObject {
  return {
    metadata: { name: jobName, uid },
    spec: {},
    status: { failed: 2, active: 0, ...(condition && { conditions: [{ status: "True", ...condition }] }) },
  };
}

const verbs = () => api.requests.map(({ verb, resource }) => `${verb} ${resource}`);

describe("opens", () => {
  test("with one request when the identity is in the ledger, whatever its value is", async () => {
    api.store.put("configmaps", ledger({ [identity]: "not JSON" }));
    const { ended } = start();
    expect((await ended).exitCode).toBe(0);
    expect(verbs()).toEqual(["list configmaps"]);
  });

  test("as soon as the ledger gets the entry, though pods of the Job have failed", async () => {
    api.store.put("configmaps", ledger());
    api.store.put("jobs", job("uid-1"));
    const pod = start();
    await pod.line("the Job is running");
    api.store.put("configmaps", ledger({ [identity]: "{}" }));
    expect((await pod.ended).exitCode).toBe(0);
    expect(verbs().sort()).toEqual(["list configmaps", "list jobs", "watch configmaps", "watch jobs"]);
  });

  test("when the Job that did not exist yet is created and completes", async () => {
    const pod = start();
    await pod.line("the Job does not exist yet");
    api.store.put("jobs", job("uid-1"));
    await pod.line("the Job is running");
    api.store.put("jobs", job("uid-1", { type: "Complete" }));
    expect((await pod.ended).exitCode).toBe(0);
  });

  test("only when every one of several gates is open", async () => {
    api.store.put("configmaps", ledger({ [identity]: "{}" }));
    const pod = start([
      "wait",
      "--gate",
      `${jobName}:${ledgerName}:${identity}`,
      "--gate",
      "shop-1:shop-ledger:1111111111",
    ]);
    await pod.line("the Job does not exist yet");
    api.store.put("configmaps", { metadata: { name: "shop-ledger" }, data: { "1111111111": "{}" } });
    expect((await pod.ended).exitCode).toBe(0);
  });
});
