import { columnsOf } from "@migration-gate/cli-runtime/terminal-text";
import type { RunState } from "@migration-gate/run-report/progress-text";
import { expect, test } from "vitest";
import { clockText, liveText } from "./live-text.ts";

const state: RunState = {
  phase: "applying",
  progress: {
    current: 7,
    total: 12,
    migration: "0042_add_index_on_posts",
    statement: 2,
    statements: 3,
    operation: { command: "CREATE INDEX", phase: "building index: scanning table", percent: 63 },
  },
  lockWait: { lock: "tuple", blockers: [{ pid: 4711, applicationName: "psql", transactionMs: 40_000 }] },
};

test.each([
  [
    200,
    "0:41  applying 7 of 12: 0042_add_index_on_posts, statement 2 of 3, building index: scanning table 63 %, waiting for a lock held by pid 4711 (psql, 40 s)",
  ],
  [
    140,
    "0:41  applying 7 of 12: 0042_add_index_on_posts, building index: scanning table 63 %, waiting for a lock held by pid 4711 (psql, 40 s)",
  ],
  [
    120,
    "0:41  applying 7 of 12: 0042_add_index_on_posts, CREATE INDEX 63 %, waiting for a lock held by pid 4711 (psql, 40 s)",
  ],
  [105, "0:41  applying 7 of 12: 0042_add_index_on_posts, waiting for a lock held by pid 4711 (psql, 40 s)"],
  [90, "0:41  applying 7 of 12: 0042_add_index_…, waiting for a lock held by pid 4711 (psql, 40 s)"],
  [79, "0:41  applying 7 of 12: 0042_add_in…, waiting for a lock held by pid 4711 (psq…"],
  [10, "0:41  app…"],
])("in %i columns", (columns, text) => {
  expect(liveText(state, 41_999, columns)).toBe(text);
});

test("names cannot write control sequences, and wide ones are cut to fit", () => {
  const progress = { current: 1, total: 1, migration: "1_\u001b]0;x\u0007" };
  expect(liveText({ phase: "applying", progress }, 0, 100)).toBe("0:00  applying 1 of 1: 1_\\u001b]0;x\\u0007");
  const wide = { ...progress, migration: "1_日本語の移行".repeat(9) };
  for (let columns = 0; columns < 100; columns++) {
    expect(columnsOf(liveText({ phase: "applying", progress: wide }, 0, columns))).toBeLessThanOrEqual(columns);
  }
});

test.each([
  [999, "0:00"],
  [725_000, "12:05"],
  [3_723_000, "1:02:03"],
])("%i ms on the clock are %s", (elapsedMs, text) => {
  expect(clockText(elapsedMs)).toBe(text);
});
