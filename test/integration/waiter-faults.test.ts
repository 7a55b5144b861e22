import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Fault, type KubeApi, startKubeApi, type Verb } from "../support/kube-api.ts";
import { job, ledger, openLedger, waitArguments } from "../support/kube-api-blog.ts";
import { startWaiter, type WaiterPod } from "../support/kube-api-pod.ts";

let api: KubeApi;
let pod: WaiterPod;

beforeEach(async () => {
  api = await startKubeApi();
});

afterEach(async () => {
  await pod[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const all: readonly Verb[] = ["get", "list", "watch"];
const refusing = "the Kubernetes API refuses access, retrying";
const failing = "the Kubernetes API answers with an error, retrying";
const unreachable = "the Kubernetes API cannot be reached, retrying";

async function opensAfterAll(): Promise<void> {
  api.stopFailing();
  api.store.put("configmaps", openLedger());
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
}

describe("every read fails, then the API is well again", () => {
  test.each<[string, Fault, string]>([
    ["403", { kind: "status", status: 403 }, refusing],
    ["401", { kind: "status", status: 401 }, "the Kubernetes API does not accept the token, retrying"],
    ["404 of the whole API", { kind: "status", status: 404 }, failing],
    ["410", { kind: "status", status: 410 }, failing],
    ["429 without Retry-After", { kind: "status", status: 429 }, failing],
    ["500", { kind: "status", status: 500 }, failing],
    ["503", { kind: "status", status: 503 }, failing],
    ["reset", { kind: "reset" }, unreachable],
    ["a torn answer", { kind: "bytes", chunks: ['{"kind":"List","items":['], afterwards: "reset" }, unreachable],
    ["half an answer that claims to be whole", { kind: "bytes", chunks: ['{"items":['], afterwards: "end" }, failing],
    ["somebody else's page", { kind: "bytes", chunks: ["<html>login</html>"], afterwards: "end" }, failing],
    ["an object instead of a list", { kind: "bytes", chunks: ['{"metadata":{}}'], afterwards: "end" }, failing],
    ["null", { kind: "bytes", chunks: ["null"], afterwards: "end" }, failing],
  ])("%s", async (_what, fault, message) => {
    api.fail(fault, { verbs: all });
    pod = startWaiter(api, waitArguments);
    await pod.line(message);
    expect(pod.process.exitCode).toBeNull();
    await opensAfterAll();
  });
});

test("an entry in another ledger opens nothing, though a server sends it unasked", async () => {
  const other = { ...openLedger(), metadata: { name: "other-ledger" } };
  const list = JSON.stringify({ metadata: { resourceVersion: "100" }, items: [other] });
  api.fail({ kind: "bytes", chunks: [list], afterwards: "end" }, { verbs: ["list"], resource: "configmaps" });
  pod = startWaiter(api, waitArguments);
  await pod.line("the Job does not exist yet");
  await opensAfterAll();
});

describe("the watch breaks, and what happened meanwhile is not lost", () => {
  const event = `${JSON.stringify({ type: "MODIFIED", object: openLedger() })}\n`;
  test.each<[string, Fault]>([
    ["410 as a status", { kind: "status", status: 410 }],
    [
      "410 in the stream",
      { kind: "bytes", chunks: ['{"type":"ERROR","object":{"kind":"Status","code":410}}\n'], afterwards: "silence" },
    ],
    ["500", { kind: "status", status: 500 }],
    ["429", { kind: "status", status: 429, retryAfter: 0 }],
    ["reset at once", { kind: "reset" }],
    ["reset in the middle of an event", { kind: "bytes", chunks: [event.slice(0, 20)], afterwards: "reset" }],
    ["the end in the middle of an event", { kind: "bytes", chunks: [event.slice(0, 20)], afterwards: "end" }],
    ["a line that is not JSON", { kind: "bytes", chunks: ["{]\n"], afterwards: "silence" }],
    [
      "an event of another object",
      { kind: "bytes", chunks: ['{"type":"MODIFIED","object":{}}\n'], afterwards: "silence" },
    ],
    ["an event that is null", { kind: "bytes", chunks: ["null\n"], afterwards: "silence" }],
  ])("%s", async (_what, fault) => {
    api.store.put("configmaps", ledger());
    api.store.put("jobs", job("uid-1"));
    api.fail(fault, { verbs: ["watch"] });
    pod = startWaiter(api, waitArguments);
    await pod.line("the Job is running");
    await opensAfterAll();
  });
});

describe("a watch's bytes", () => {
  test("may be split anywhere, also inside a character", async () => {
    const name = openLedger().metadata.name;
    const event = {
      type: "MODIFIED",
      object: { ...openLedger(), metadata: { name, annotations: { author: "Zoë 😀" } } },
    };
    const bytes = Buffer.from(`\n${JSON.stringify(event)}\n`);
    const chunks = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
    api.store.put("configmaps", ledger());
    api.fail({ kind: "bytes", chunks, afterwards: "silence" }, { verbs: ["watch"], resource: "configmaps" });
    pod = startWaiter(api, waitArguments);
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });
});

describe("access", () => {
  test("is asked for anew with the rotated token at once after a 401", async () => {
    api.store.put("configmaps", openLedger());
    api.tokens.clear();
    pod = startWaiter(api, waitArguments);
    await pod.line("the Kubernetes API does not accept the token, retrying");
    api.tokens.add("second-token");
    pod.setToken("second-token");
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(api.requests.at(-1)?.token).toBe("second-token");
  });

  test("a single 401 is not even noticed", async () => {
    api.store.put("configmaps", openLedger());
    api.fail({ kind: "status", status: 401 }, { verbs: all, times: 1 });
    pod = startWaiter(api, waitArguments);
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(pod.lines.filter(({ level }) => level !== "info")).toEqual([]);
    expect(api.requests).toHaveLength(2);
  });

  test("to get alone is enough: it polls", async () => {
    api.store.put("configmaps", ledger());
    for (const resource of ["configmaps", "jobs"] as const) {
      api.denied.add(`list ${resource}`);
      api.denied.add(`watch ${resource}`);
    }
    pod = startWaiter(api, waitArguments);
    await pod.line("the Job does not exist yet");
    api.store.put("configmaps", openLedger());
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    expect(pod.lines.filter(({ level }) => level !== "info")).toEqual([]);
    expect(api.requests.length).toBeLessThanOrEqual(8);
  });

  test("to list without watch is enough, too", async () => {
    api.denied.add("watch configmaps").add("get configmaps").add("watch jobs").add("get jobs");
    pod = startWaiter(api, waitArguments);
    await pod.line("the Job does not exist yet");
    api.store.put("configmaps", openLedger());
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });
});

describe("the API is left in peace", () => {
  test("Retry-After is honoured", async () => {
    api.store.put("configmaps", openLedger());
    api.fail({ kind: "status", status: 429, retryAfter: 1 }, { verbs: ["list"], times: 1 });
    pod = startWaiter(api, waitArguments);
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
    const ledgerReads = api.requests.filter(({ resource }) => resource === "configmaps");
    const [first, second] = ledgerReads.map(({ atMs }) => atMs);
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(1_000);
  });

  test("nothing is retried hotter than five times a second", async () => {
    api.fail({ kind: "reset" }, { verbs: all });
    pod = startWaiter(api, [...waitArguments, "--timeout", "3s"]);
    expect(await pod.ended).toMatchObject({ exitCode: 14 });
    for (const resource of ["configmaps", "jobs"]) {
      const times = api.requests.filter((request) => request.resource === resource).map(({ atMs }) => atMs);
      const pauses = times.slice(1).map((atMs, index) => atMs - Number(times[index]));
      expect(times.length).toBeGreaterThan(1);
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(195);
    }
  });

  test("a restart of it costs one list and one watch of each object", async () => {
    api.store.put("configmaps", ledger());
    api.store.put("jobs", job("uid-1"));
    pod = startWaiter(api, waitArguments);
    await pod.line("the Job is running");
    await expect.poll(() => api.openWatches).toBe(2);
    api.cutConnections();
    await expect.poll(() => api.requests.length, { timeout: 5_000 }).toBe(8);
    api.store.put("jobs", job("uid-1", { type: "Complete" }));
    expect(await pod.ended).toMatchObject({ exitCode: 0 });
  });
});

test("a storm of changes that say nothing costs no request and no line, and hides no success", async () => {
  api.store.put("configmaps", ledger());
  api.store.put("jobs", job("uid-1"));
  pod = startWaiter(api, waitArguments);
  await pod.line("the Job is running");
  await expect.poll(() => api.openWatches).toBe(2);
  const before = { requests: api.requests.length, lines: pod.lines.length };
  for (let count = 0; count < 5_000; count++) {
    const annotations = { "example.com/count": String(count), "example.com/text": "x".repeat(1_000) };
    for (const [resource, object] of [["configmaps", ledger()] as const, ["jobs", job("uid-1")] as const])
      api.store.put(resource, { ...object, metadata: { ...object.metadata, annotations } });
  }
  api.store.put("configmaps", openLedger());
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
  expect(api.requests).toHaveLength(before.requests);
  expect(pod.lines.slice(before.lines).map(({ msg }) => msg)).toEqual(["the gate is open", "every gate is open"]);
});
