import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { ActivitySampler } from "../database/activity-sampler.ts";
import type { Hold } from "../database/hold.ts";
import type { Session } from "../database/session.ts";
import type { GracefulStop } from "../graceful-stop.ts";
import type { HistoryTable } from "../history/table.ts";
import type { Runner } from "../history/write.ts";
import type { RunMonitor } from "../progress/run-monitor.ts";
import type { WaitBudget } from "../wait-budget.ts";

/** What applying a migration needs besides the migration. */
export interface ApplyContext {
  readonly session: Session;
  readonly history: HistoryTable;
  readonly runner: Runner;
  readonly role: string | undefined;
  readonly lockTimeoutMs: number;
  readonly hold: Hold;
  /** Is told what is sent. */
  readonly monitor: Pick<RunMonitor, "attempt" | "sends">;
  /** Knows who blocks. */
  readonly sampler: Pick<ActivitySampler, "blockers">;
  readonly budget: WaitBudget;
  readonly log: Logger;
  /** Lets finish what cannot be rolled back. */
  readonly stop: Pick<GracefulStop, "finish">;
  /** Aborted when work must end. */
  readonly signal: AbortSignal;
}

/** Another runner holds the lock that each transaction takes: the history must be read again when it is free. */
export class LockHeldError extends Error {
  override readonly name = "LockHeldError";
}

/** Another runner has applied, or is applying, this migration: the history must be read again. */
export class FencedOffError extends Error {
  override readonly name = "FencedOffError";

  constructor(key: string) {
    super(`another run has written the history row of ${key}`);
  }
}
