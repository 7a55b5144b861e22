import type { RunReport } from "@migration-gate/run-report/report";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { identity, job, jobName, ledger, ledgerName } from "../../../../test/support/kube-api-blog.ts";
import { silentLog } from "../../../../test/support/silent-log.ts";
import { type VirtualApi, virtualApi } from "../../../../test/support/virtual-api.ts";
import { ApiError } from "../api/api-error.ts";
import { backoffMs } from "../api/backoff.ts";
import { documentOfReport } from "../ledger/ledger-document.ts";
import { ledgerWriter } from "../ledger/ledger-writer.ts";
import { writePace } from "../record/write-pace.ts";
import { firstLook } from "./first-look.ts";
import { waitUntilOpen } from "./wait.ts";

vi.mock("node:timers/promises", () => import("../../../../test/support/virtual-delay.ts"));
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});
vi.setConfig({ testTimeout: 60_000 });

const second = 1000;
const minute = 60 * second;
const now = () => performance.now();
const size = 200;
const { signal } = new AbortController();

test("200 pods wait ten minutes for a busy migration: few patches, few requests, and all open at its end", async () => {
  const api = blogApi();
  const pods = startPods(api);
  await migrate(api, 10 * minute);
  await vi.advanceTimersByTimeAsync(100);
  expect(pods.open).toBe(size);
  const patches = api.requests.filter(({ verb }) => verb === "patch").map(({ atMs }) => atMs);
  expect(busiestMinute(patches)).toBeLessThanOrEqual(10);
  // Each of a pod's two watches ends after at most five minutes, and is one list and one watch again.
  expect((api.requests.length - patches.length) / size).toBeLessThanOrEqual(14);
  expect(api.openWatches).toBe(0);
});

test("an API server that is away for three of ten minutes, and at the end, costs no pod its turn, and is left in peace", async () => {
  const api = blogApi();
  const pods = startPods(api);
  const away = (fromMs: number, toMs: number) => {
    setTimeout(() => (api.isAway = true), fromMs);
    setTimeout(() => (api.isAway = false), toMs);
  };
  away(3 * minute, 6 * minute);
  away(9 * minute, 11 * minute);
  await migrate(api, 10 * minute);
  await vi.advanceTimersByTimeAsync(minute);
  expect(pods.open).toBe(size);
  expect(busiestMinute(api.requests.map(({ atMs }) => atMs)) / size).toBeLessThanOrEqual(30);
});

function blogApi(): VirtualApi {
  const api = virtualApi();
  api.store.put("configmaps", ledger());
  api.store.put("jobs", job("uid-1"));
  return api;
}

/** Starts the pods within a second, each with a waiter of its own. */
function startPods(api: VirtualApi): { readonly open: number } {
  const pods = { open: 0 };
  const ports = { log: silentLog, owner: { account: undefined, pod: undefined }, now };
  for (let index = 0; index < size; index += 1) {
    setTimeout(async () => {
      const client = api.connect();
      const looks = firstLook(client, [{ job: jobName, ledger: ledgerName, identity }], "blog", now, signal);
      await waitUntilOpen({ timeoutMs: 60 * minute, hintAfterMs: minute }, looks, { api: client, ...ports }, signal);
      pods.open += 1;
    }, index * 5);
  }
  return pods;
}

/** Records a migration that tells something new twice a second, and in the end its success, however often it takes. */
async function migrate(api: VirtualApi, durationMs: number): Promise<void> {
  const writer = ledgerWriter(api.connect(), { namespace: "blog", resource: "configmaps", name: ledgerName });
  const origin = { job: jobName, jobUid: "uid-1", pod: "pod-1", image: undefined };
  const pace = writePace();
  let failures = 0;
  const record = async (report: RunReport) => {
    if (pace.dueInMs(report, now()) !== 0) return 0;
    try {
      await within(writer.write(documentOfReport(identity, origin, report), signal));
      pace.written(report, now());
      failures = 0;
      return 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failures += 1;
      return backoffMs(failures);
    }
  };
  const endsMs = now() + durationMs;
  const at = "2026-01-01T00:00:00.000Z";
  const run = { formatVersion: 1, runId: "run-1", startedAt: at, updatedAt: at } as const;
  for (let current = 0; now() < endsMs; current += 1) {
    const progress = { current, total: 2000, migration: `m${current}` };
    await vi.advanceTimersByTimeAsync(500 + (await record({ ...run, phase: "applying", progress })));
  }
  const success: RunReport = { ...run, phase: "succeeded", success: { applied: 1, durationMs } };
  while (pace.dueInMs(success, now()) !== undefined) await vi.advanceTimersByTimeAsync(100 + (await record(success)));
}

/** Moves the clock until a promise has settled. */
async function within<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => undefined);
  while (!isSettled) await vi.advanceTimersByTimeAsync(5);
  return await settled;
}

/** How many of these times, which are in order, lie within one minute at most. */
function busiestMinute(times: readonly number[]): number {
  let first = 0;
  const counts = times.map((at, index) => {
    while (Number(times[first]) <= at - minute) first += 1;
    return index - first + 1;
  });
  return Math.max(...counts);
}
