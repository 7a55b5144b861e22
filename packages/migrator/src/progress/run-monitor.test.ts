import { createLogger } from "@migration-gate/cli-runtime/logger";
import type { RunState } from "@migration-gate/run-report/progress-text";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Part } from "../apply/message.ts";
import type { Activity, Blocker } from "../database/activity.ts";
import { RunMonitor } from "./run-monitor.ts";

const text = "create table a (); create index on a (n); select 1";
const script = { file: { key: "0042_add_index", path: "0042_add_index.sql" }, statements: 3 };
const message = (statement?: number): Part[] => [
  { sql: "begin" },
  { sql: text, script: { start: 0, ...(statement !== undefined && { statement }) } },
];
const blocker: Blocker = {
  pid: 4711,
  user: "app",
  applicationName: "psql",
  state: "idle in transaction",
  transactionMs: 40_000,
  query: "select 1",
};
const scanning = (percent: number): Activity => ({
  waitEvent: "IO: DataFileRead",
  awaitedLock: null,
  operation: { command: "CREATE INDEX", phase: "building index: scanning table", percent },
});
const blocked = (...blockers: Blocker[]): Activity => ({
  waitEvent: "Lock: relation",
  awaitedLock: { lock: "relation", mode: "ShareLock", relation: "public.a", waitedMs: 500, blockers },
  operation: null,
});

/** A monitor in the middle of a run that lasts as long as its test, with what it has told. */
async function monitored(phase: (state: RunState) => Promise<void> = async () => undefined) {
  const log: Record<string, unknown>[] = [];
  const reports: RunState[] = [];
  const reporter = {
    phase: async (state: RunState) => {
      await phase(state);
      reports.push(state);
    },
  };
  const monitor = new RunMonitor({
    reporter,
    log: createLogger("test", "info", { write: (line) => log.push(JSON.parse(line)) }),
    now: () => Date.now(),
  });
  const end = Promise.withResolvers<void>();
  const ended = monitor.during(() => end.promise);
  await monitor.begin(script, { current: 7, total: 12 });
  const messages = () => log.map(({ msg }) => msg);
  const endRun = async () => {
    end.resolve();
    await ended;
  };
  return { monitor, log, reports, messages, endRun };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a long migration tells every ten seconds how far it is, and nothing after its end", async () => {
  const { monitor, log, endRun } = await monitored();
  monitor.sends(message(2));
  monitor.onActivity(scanning(62));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(log).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(log).toMatchObject([
    {
      msg: "migration is running",
      migration: "0042_add_index",
      current: 7,
      total: 12,
      statement: 2,
      statements: 3,
      elapsedMs: 10_000,
      operation: { command: "CREATE INDEX", percent: 62 },
      waitEvent: "IO: DataFileRead",
    },
  ]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(log).toHaveLength(3);
  await endRun();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(log).toHaveLength(3);
  expect(vi.getTimerCount()).toBe(0);
});

test("of a script in one message no statement is claimed to be the running one", async () => {
  const { monitor, reports } = await monitored();
  monitor.sends(message());
  monitor.onActivity(scanning(1));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reports.at(-1)?.progress).toMatchObject({ statements: 3, attempt: 1 });
  expect(reports.at(-1)?.progress).not.toHaveProperty("statement");
});

test("the report is written at once for a lock wait, every two seconds for progress, and not without news", async () => {
  const { monitor, reports } = await monitored();
  expect(reports).toHaveLength(1);
  for (let percent = 0; percent < 8; percent++) {
    monitor.onActivity(scanning(percent));
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(reports.slice(1).map(({ progress }) => progress?.operation?.percent)).toEqual([3, 7]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(reports).toHaveLength(3);
  monitor.onActivity(blocked(blocker));
  await vi.advanceTimersByTimeAsync(0);
  expect(reports).toHaveLength(4);
  expect(reports.at(-1)?.lockWait).toEqual({
    lock: "relation",
    relation: "public.a",
    waitedMs: 500,
    blockers: [
      { pid: 4711, user: "app", applicationName: "psql", state: "idle in transaction", transactionMs: 40_000 },
    ],
  });
});

test("a lock wait is logged once, and again when the blockers change or it is over", async () => {
  const { monitor, log, messages } = await monitored();
  const look = async (...looks: Activity[]) => {
    for (const activity of looks) {
      monitor.onActivity(activity);
      await vi.advanceTimersByTimeAsync(1_000);
    }
  };
  await look(...Array.from({ length: 6 }, () => blocked(blocker)));
  expect(messages()).toEqual(["migration waits for a lock"]);
  expect(log[0]).toMatchObject({ waitsFor: { relation: "public.a" }, blockers: [{ pid: 4711, query: "select 1" }] });
  await look(blocked({ ...blocker, pid: 4712 }), blocked({ ...blocker, pid: 4712 }));
  expect(messages()).toHaveLength(2);
  await look(...Array.from({ length: 4 }, () => scanning(1)));
  expect(messages().at(-1)).toBe("migration no longer waits for a lock");
});

test("between two attempts the report goes on naming who was in the way, until another message is sent", async () => {
  const { monitor, reports } = await monitored();
  const [first, second] = [message(), message()];
  monitor.sends(first);
  monitor.onActivity(blocked(blocker));
  monitor.onActivity(undefined);
  monitor.attempt(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reports.at(-1)).toMatchObject({ progress: { attempt: 2 }, lockWait: { blockers: [{ pid: 4711 }] } });
  monitor.sends(first);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reports.at(-1)).toHaveProperty("lockWait");
  monitor.sends(second);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reports.at(-1)).not.toHaveProperty("lockWait");
});

test("blockers that change with every look fill no log", async () => {
  const { monitor, messages } = await monitored();
  for (let pid = 1; pid <= 60; pid++) {
    monitor.onActivity(pid % 2 ? blocked({ ...blocker, pid }) : scanning(1));
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(messages().filter((line) => line !== "migration is running").length).toBeLessThanOrEqual(12);
});

test("progress that cannot be reported is a warning, once", async () => {
  let full = false;
  const { monitor, messages } = await monitored(async () => {
    if (full) throw new Error("ENOSPC");
  });
  full = true;
  for (const percent of [1, 2, 3]) {
    monitor.onActivity(scanning(percent));
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect(messages()).toEqual(["progress could not be reported"]);
});
