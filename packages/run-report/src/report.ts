/**
 * What one run of the migrator tells about itself: written by `migrator up --report DIR`, read by `waiter record`,
 * which puts it into the ledger. The format is described in docs/report-and-ledger.md.
 */
export interface RunReport {
  readonly formatVersion: 1;
  /** Names this process's run, so that an acknowledgement of an earlier container's run never counts for this one. */
  readonly runId: string;
  readonly phase: RunPhase;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly progress?: RunProgress;
  /** Present exactly in phase `succeeded`. */
  readonly success?: RunSuccess;
  /** Present exactly in phase `failed`. */
  readonly failure?: RunFailure;
}

export const runPhases = ["connecting", "waiting-for-lock", "applying", "succeeded", "failed"] as const;
export type RunPhase = (typeof runPhases)[number];

export interface RunProgress {
  /** Counts from 1. */
  readonly current: number;
  readonly total: number;
  /** The migration's key in the history. */
  readonly migration: string;
}

export interface RunSuccess {
  /** Newest key in the history before the run; absent for an empty history. */
  readonly appliedFrom?: string;
  /** Newest key in the history after the run; absent where there are no migrations at all. */
  readonly appliedTo?: string;
  /** How many migrations this run applied. */
  readonly applied: number;
  readonly durationMs: number;
  /**
   * When the newest of the applied migrations marked `-- gate: breaking` was finished, whichever run applied it: ISO
   * 8601, UTC, by the database's clock. Absent where the history has none.
   */
  readonly breakingAppliedAt?: string;
}

/** Carries no row data: the server's DETAIL and WHERE stay in the container's log. */
export interface RunFailure {
  readonly exitCode: number;
  readonly message: string;
  readonly migration?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly sqlState?: string;
}

/** Written by `waiter record` once the ledger holds the run's success. */
export interface Acknowledgement {
  readonly runId: string;
  readonly recordedAt: string;
}
