import type { RunReport } from "@migration-gate/run-report/report";

/** When each of the runs below was begun, and reported last. */
export const reportedAt = "2026-01-01T00:00:00.000Z";

export const reportedSuccess = { applied: 2, durationMs: 10, appliedTo: "0002_posts" };

export function reportOf(phase: RunReport["phase"], fields: Partial<RunReport> = {}): RunReport {
  return { formatVersion: 1, runId: "run-1", phase, startedAt: reportedAt, updatedAt: reportedAt, ...fields };
}

export function reportOfSuccess(fields: Partial<RunReport> = {}): RunReport {
  return reportOf("succeeded", { success: reportedSuccess, ...fields });
}
