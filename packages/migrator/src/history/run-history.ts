import type { RunHistory } from "@migration-gate/run-report/report";
import type { HistoryReading } from "./read.ts";

/** Says of a reading what a report tells of it: when it was, and the last breaking migration. */
export function runHistory({ readAt, rows }: HistoryReading): RunHistory {
  // By time, not by version: a breaking migration may have been applied out of order. ISO 8601 in UTC sorts as text.
  const breakingAppliedAt = rows
    .flatMap(({ state, breaking, finishedAt = "" }) => (state === "done" && breaking ? [finishedAt] : []))
    .sort()
    .at(-1);
  return { readAt, ...(breakingAppliedAt && { breakingAppliedAt }) };
}
