import { expect, test } from "vitest";
import { job, ledger, openLedger, waitArguments } from "../support/kube-api-blog.ts";
import { startWaiter } from "../support/kube-api-pod.ts";
import { useRecorder } from "../support/kube-api-recorder.ts";
import { reportedAt, reportOf, reportOfSuccess } from "../support/run-reports.ts";

const recorder = useRecorder();

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
  await using pod = startWaiter(recorder.api, [...waitArguments, "--timeout", "4s"], { env: wrongClock(hours, 2) });
  const { exitCode, durationMs } = await pod.ended;
  expect(exitCode).toBe(12);
  expect(durationMs).toBeGreaterThan(4_000);
  expect(durationMs).toBeLessThan(20_000);
});

test.each([1, -1])("a clock that is wrong by %i h opens no gate, and keeps none closed", async (hours) => {
  const { store } = recorder.api;
  store.put("configmaps", ledger());
  store.put("jobs", job("uid-1"));
  await using pod = startWaiter(recorder.api, waitArguments, { env: wrongClock(hours) });
  const { time } = await pod.line("the Job is running");
  expect(Math.abs(Date.parse(String(time)) + -hours * 3_600_000 - Date.now())).toBeLessThan(60_000);
  expect(pod.process.exitCode).toBeNull();
  store.put("configmaps", openLedger());
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
});

test.each([1, -1])("a migration whose node's clock is wrong by %i h is told of as by any other node", async (hours) => {
  recorder.api.store.put("configmaps", ledger());
  recorder.api.store.put("jobs", job("uid-1"));
  await using pod = startWaiter(recorder.api, waitArguments);
  const at = new Date(Date.now() + hours * 3_600_000).toISOString();
  const clock = { startedAt: at, updatedAt: at, history: { readAt: reportedAt } };
  const progress = { current: 1, total: 2, migration: "0001_users", startedAt: at };
  const lockWait = { lock: "relation", relation: "users", blockers: [{ pid: 9, transactionMs: 40_000 }] };
  const report = JSON.stringify(reportOf("applying", { ...clock, progress, lockWait }));
  recorder.startAlongside(report, wrongClock(hours));
  expect(await pod.line("the migration is being applied")).toMatchObject({
    progress: "applying 1 of 2: 0001_users, waiting for a lock on users held by pid 9 (40 s)",
  });
  recorder.writeReport(reportOfSuccess(clock));
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
});
