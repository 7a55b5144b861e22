import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { identity, job, jobName, ledger, ledgerName } from "../../../../test/support/kube-api-blog.ts";
import { type ScriptedApi, scriptedApi, type WatchScript } from "../../../../test/support/scripted-api.ts";
import { silentLog } from "../../../../test/support/silent-log.ts";
import { ApiError } from "../api/api-error.ts";
import { firstLook } from "./first-look.ts";
import { waitUntilOpen } from "./wait.ts";

vi.mock("node:timers/promises", () => import("../../../../test/support/virtual-delay.ts"));
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const minute = 60_000;
const hour = 60 * minute;
const now = () => performance.now();
// Two days of timers, on a machine that may have much else to do.
vi.setConfig({ testTimeout: 30_000 });
const quiet: WatchScript = { events: [], openMs: 4 * minute };

test("a day of waiting costs less than two requests a minute, and keeps no more timers than an hour of it", async () => {
  const api = scriptedApi(present, () => quiet);
  await using _ = startWaiting(api);
  await vi.advanceTimersByTimeAsync(hour);
  const afterAnHour = { timers: vi.getTimerCount(), streams: api.openStreams };
  await vi.advanceTimersByTimeAsync(23 * hour);
  expect({ timers: vi.getTimerCount(), streams: api.openStreams }).toEqual(afterAnHour);
  expect(api.requests.length / (24 * 60)).toBeLessThan(2);
});

test("a day of an API that mostly fails is never hotter than five requests a second, and leaks nothing either", async () => {
  let turn = 0;
  const api = scriptedApi(
    (request) => {
      turn += 1;
      if (turn % 3 !== 0)
        throw new ApiError("out of order", { status: turn % 2 ? 500 : undefined, code: "ECONNRESET" });
      return present(request);
    },
    () => {
      if (turn % 2) throw new ApiError("too old", { status: 410 });
      return { events: [{ afterMs: 10, event: { type: "ERROR", object: { code: 500 } } }], openMs: 0 };
    },
  );
  await using _ = startWaiting(api);
  await vi.advanceTimersByTimeAsync(hour);
  const { length } = api.requests;
  expect(length / 3600).toBeLessThan(5);
  await vi.advanceTimersByTimeAsync(23 * hour);
  expect(api.openStreams).toBeLessThanOrEqual(2);
  expect(vi.getTimerCount()).toBeLessThan(10);
});

function present({ path }: { readonly path: string }) {
  const items = path.includes("/jobs") ? [job("uid-1")] : [ledger()];
  return { metadata: { resourceVersion: "1" }, items };
}

/** Waits for a gate that never opens, until it is disposed of. */
function startWaiting(api: ScriptedApi): AsyncDisposable {
  const stop = new AbortController();
  const { signal } = stop;
  const looks = firstLook(api, [{ job: jobName, ledger: ledgerName, identity }], "blog", now, signal);
  const ports = { api, log: silentLog, owner: { account: undefined, pod: undefined }, now };
  const limits = { timeoutMs: 48 * hour, hintAfterMs: minute };
  const ended = waitUntilOpen(limits, looks, ports, signal).catch(() => undefined);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}
