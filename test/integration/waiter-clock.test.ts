import { afterEach, beforeEach, expect, test } from "vitest";
import { type KubeApi, startKubeApi } from "../support/kube-api.ts";
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

/** Makes the program's clock go wrong by so many hours, so many seconds after its start: a node whose time is set. */
function wrongClock(hours: number, afterSeconds = 0): Readonly<Record<string, string>> {
  const module = `
    const { now } = Date;
    Date.now = () => now() + (process.uptime() >= ${afterSeconds} ? ${hours} * 3_600_000 : 0);
    globalThis.Date = class extends Date {
      constructor(...given) { given.length > 0 ? super(...given) : super(Date.now()); }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(module)}` };
}

test.each([1, -1])("a clock that jumps by %i h neither ends nor lengthens the wait", async (hours) => {
  pod = startWaiter(api, [...waitArguments, "--timeout", "4s"], { env: wrongClock(hours, 2) });
  const { exitCode, durationMs } = await pod.ended;
  expect(exitCode).toBe(12);
  expect(durationMs).toBeGreaterThan(4_000);
  expect(durationMs).toBeLessThan(20_000);
});

test.each([1, -1])("a clock that is wrong by %i h opens no gate, and keeps none closed", async (hours) => {
  api.store.put("configmaps", ledger());
  api.store.put("jobs", job("uid-1"));
  pod = startWaiter(api, waitArguments, { env: wrongClock(hours) });
  const { time } = await pod.line("the Job is running");
  expect(Math.abs(Date.parse(String(time)) + -hours * 3_600_000 - Date.now())).toBeLessThan(60_000);
  expect(pod.process.exitCode).toBeNull();
  api.store.put("configmaps", openLedger());
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
});
