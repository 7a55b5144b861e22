import type { RunReport } from "@migration-gate/run-report/report";

/** How often the ledger may be written: every waiter of the release is sent every change. */
const progressEveryMs = 10_000;
const burst = 6;

/** How often the ledger is read while there is nothing to write. */
const reviewEveryMs = 10_000;

export interface WritePace {
  /** How long to wait before `next` may be written; `undefined`: it tells nothing new. */
  dueInMs(next: RunReport, nowMs: number): number | undefined;
  /** How long to wait before it is looked up whether what was written is still there. */
  reviewInMs(nowMs: number): number;
  written(report: RunReport, nowMs: number): void;
  reviewed(isThere: boolean, nowMs: number): void;
}

/**
 * Paces the writing of reports: a new run, phase or breaking migration at once, mere progress every 10 s, and never more than
 * a burst of 6 and then one in 10 s, however wildly a report file changes.
 */
export function writePace(): WritePace {
  let last: RunReport | undefined;
  let lastMs = 0;
  let reviewedMs = 0;
  let budget = burst;
  const budgetAt = (nowMs: number) => Math.min(burst, budget + (nowMs - lastMs) / progressEveryMs);
  return {
    dueInMs(next, nowMs) {
      if (last && isSame(next, last)) return undefined;
      const forBudget = (1 - budgetAt(nowMs)) * progressEveryMs;
      const isProgress = last !== undefined && headline(last) === headline(next);
      return Math.max(0, forBudget, isProgress ? lastMs + progressEveryMs - nowMs : 0);
    },
    reviewInMs: (nowMs) => reviewedMs + reviewEveryMs - nowMs,
    written(report, nowMs) {
      budget = budgetAt(nowMs) - 1;
      last = report;
      lastMs = nowMs;
      reviewedMs = nowMs;
    },
    reviewed(isThere, nowMs) {
      if (!isThere) last = undefined;
      reviewedMs = nowMs;
    },
  };
}

function headline({ runId, phase, history }: RunReport): string {
  return JSON.stringify([runId, phase, history?.breakingAppliedAt]);
}

/** The times of the update and of a reading alone are no news. */
function isSame(one: RunReport, other: RunReport): boolean {
  const news = ({ updatedAt: _, history, ...report }: RunReport) =>
    JSON.stringify([report, history?.breakingAppliedAt]);
  return news(one) === news(other);
}
