import { expect, test } from "vitest";
import { ageText, progressText, type RunState } from "./progress-text.ts";

const progress = { current: 7, total: 12, migration: "0042_add_index" };
const psql = { pid: 4711, applicationName: "psql", transactionMs: 40_900 };

test.each<[string, RunState]>([
  ["connecting to the database", { phase: "connecting" }],
  ["waiting for the migration lock", { phase: "waiting-for-lock" }],
  [
    "waiting for the migration lock held by pid 9 (other runner)",
    {
      phase: "waiting-for-lock",
      lockWait: { lock: "advisory", blockers: [{ pid: 9, applicationName: "other runner" }] },
    },
  ],
  ["applying 7 of 12: 0042_add_index", { phase: "applying", progress: { ...progress, statement: 1, statements: 1 } }],
  [
    "applying 7 of 12: 0042_add_index, statement 2 of 3, attempt 4",
    { phase: "applying", progress: { ...progress, statement: 2, statements: 3, attempt: 4 } },
  ],
  [
    "applying 7 of 12: 0042_add_index, building index: scanning table 63 %, waiting for a lock held by pid 4711 (psql, 40 s)",
    {
      phase: "applying",
      progress: {
        ...progress,
        operation: { command: "CREATE INDEX", phase: "building index: scanning table", percent: 63 },
      },
      lockWait: { lock: "tuple", blockers: [psql] },
    },
  ],
  [
    "applying 7 of 12: 0042_add_index, waiting for a lock on public.posts held by pid 4711 (psql, idle in transaction, 40 s) and 2 others",
    {
      phase: "applying",
      progress,
      lockWait: {
        lock: "relation",
        relation: "public.posts",
        blockers: [{ ...psql, state: "idle in transaction" }, psql, psql],
      },
    },
  ],
  [
    "applying 7 of 12: 0042_add_index, waiting for old snapshots, waiting for a transaction of pid 4711 (app)",
    {
      phase: "applying",
      progress: {
        ...progress,
        operation: { command: "CREATE INDEX CONCURRENTLY", phase: "waiting for old snapshots" },
      },
      lockWait: { lock: "virtualxid", blockers: [{ pid: 4711, user: "app", state: "active" }] },
    },
  ],
  [
    "applying 7 of 12: 0042_add_index, waiting for a lock on a.b held by (prepared transaction, 2 min)",
    {
      phase: "applying",
      progress,
      lockWait: {
        lock: "relation",
        relation: "a.b",
        blockers: [{ pid: 0, state: "prepared transaction", transactionMs: 130_000 }],
      },
    },
  ],
])("%s", (text, state) => {
  expect(progressText(state)).toBe(text);
});

test.each([
  [-5, "0 s"],
  [119_999, "119 s"],
  [120_000, "2 min"],
  [7_199_999, "119 min"],
  [7_200_000, "2 h"],
  [172_800_000, "2 d"],
])("an age of %i ms is %s", (durationMs, text) => {
  expect(ageText(durationMs)).toBe(text);
});
