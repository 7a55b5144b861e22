import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openApiClient } from "../../packages/waiter/src/api/api-client.ts";
import { podTransport } from "../../packages/waiter/src/api/api-transport.ts";
import { type WatchTiming, watchObject } from "../../packages/waiter/src/api/watch-object.ts";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
import { ledger, ledgerName } from "../support/kube-api-blog.ts";

const timing: WatchTiming = { watchMs: 60_000, silenceMs: 60_000, healthyMs: 0, pollMs: 50 };

let api: KubeApi;
let stop: AbortController;
let versions: (string | undefined)[];
let ended: Promise<void>;

beforeEach(async () => {
  api = await startKubeApi();
  stop = new AbortController();
  versions = [];
});

afterEach(async () => {
  stop.abort();
  await ended;
  await api[Symbol.asyncDispose]();
});

function start(changes: Partial<WatchTiming>): void {
  const client = openApiClient(podTransport(api, () => ({ token: "first-token", ca: api.ca })));
  const target = { namespace: api.namespace, resource: "configmaps", name: ledgerName } as const;
  const listener = {
    observed: (object?: { metadata: { resourceVersion?: unknown } }) =>
      versions.push(object && String(object.metadata.resourceVersion)),
    troubled: () => {},
  };
  ended = watchObject(client, target, listener, stop.signal, { timing: { ...timing, ...changes } }).catch(() =>
    client.close(),
  );
}

const count = (verb: string) => api.requests.filter((request) => request.verb === verb).length;
const eventually = { timeout: 5_000, interval: 10 };

describe("a change is seen", () => {
  test("though the connection is half-open: silence ends the watch", async () => {
    api.fail({ kind: "bytes", chunks: [" \n"], afterwards: "silence" }, { verbs: ["watch"], times: 1 });
    start({ silenceMs: 200 });
    await expect.poll(() => count("watch"), eventually).toBe(1);
    api.store.put("configmaps", ledger());
    await expect.poll(() => versions, eventually).toEqual([undefined, "101"]);
  });

  test("though bytes drip for ever without ever completing an event", async () => {
    const drip = Array.from({ length: 10_000 }, () => " ");
    api.fail({ kind: "bytes", chunks: drip, afterwards: "silence" }, { verbs: ["watch"], times: 1 });
    start({ silenceMs: 200 });
    await expect.poll(() => count("watch"), eventually).toBe(1);
    api.store.put("configmaps", ledger());
    await expect.poll(() => versions, eventually).toEqual([undefined, "101"]);
  });

  test("by the first watch, which lasts as long as lines come in time", async () => {
    const bookmark = `${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: "100" } } })}\n`;
    const change = `${JSON.stringify({ type: "ADDED", object: ledger() })}\n`;
    const chunks = [...Array.from({ length: 150 }, () => bookmark), change];
    api.fail({ kind: "bytes", chunks, afterwards: "silence" }, { verbs: ["watch"], times: 1 });
    start({ silenceMs: 300 });
    await expect.poll(() => versions, eventually).toEqual([undefined, "undefined"]);
    expect(api.requests.map(({ verb }) => verb)).toEqual(["list", "watch"]);
  });

  test("though the listed version was compacted before the watch began", async () => {
    const stale = '{"metadata":{"resourceVersion":"50"},"items":[]}';
    api.store.compact();
    api.fail({ kind: "bytes", chunks: [stale], afterwards: "end" }, { verbs: ["list"], times: 1 });
    start({});
    await expect.poll(() => count("list"), eventually).toBe(2);
    expect(api.requests[1]?.query.get("resourceVersion")).toBe("50");
    api.store.put("configmaps", ledger());
    await expect.poll(() => versions.at(-1), eventually).toBe("101");
  });
});

describe("the requests", () => {
  test("name the object, go on from the listed version, ask for bookmarks and for an end", async () => {
    start({ watchMs: 100_000 });
    await expect.poll(() => api.openWatches, eventually).toBe(1);
    expect(api.requests.map(({ query }) => query.get("fieldSelector"))).toEqual(
      Array(2).fill(`metadata.name=${ledgerName}`),
    );
    const watch = api.requests[1]?.query;
    expect(watch?.get("resourceVersion")).toBe("100");
    expect(watch?.get("allowWatchBookmarks")).toBe("true");
    expect(Number(watch?.get("timeoutSeconds"))).toBeGreaterThanOrEqual(90);
    expect(Number(watch?.get("timeoutSeconds"))).toBeLessThanOrEqual(110);
  });

  test("come from one connection as long as nothing breaks", async () => {
    start({ watchMs: 1_000 });
    await expect.poll(() => count("list"), eventually).toBe(2);
    expect(api.connections).toBe(1);
  });

  test("poll where watching is forbidden, and watch as soon as it is not", async () => {
    api.denied.add("watch configmaps");
    start({ pollMs: 10 });
    await expect.poll(() => count("get"), eventually).toBeGreaterThan(3);
    api.denied.clear();
    await expect.poll(() => api.openWatches, eventually).toBe(1);
  });
});
