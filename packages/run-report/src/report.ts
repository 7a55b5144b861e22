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
  /** Absent until the history has been read. */
  readonly history?: RunHistory;
  readonly progress?: RunProgress;
  /** Present while the run waits for a lock: the run's own, in phase `waiting-for-lock`, or one of a statement. */
  readonly lockWait?: RunLockWait;
  /** Present exactly in phase `succeeded`. */
  readonly success?: RunSuccess;
  /** Present exactly in phase `failed`. */
  readonly failure?: RunFailure;
}

export const runPhases = ["connecting", "waiting-for-lock", "applying", "succeeded", "failed"] as const;
export type RunPhase = (typeof runPhases)[number];

/** What the history told when the run read it last, by the database's clock: ISO 8601, UTC. */
export interface RunHistory {
  /** A moment no later than the reading. */
  readonly readAt: string;
  /**
   * When the newest of the applied migrations marked `-- gate: breaking` was finished, whichever run applied it. Absent
   * where there is none.
   */
  readonly breakingAppliedAt?: string;
}

/** Where in the set of migrations the run is. Only the first three were always there. */
export interface RunProgress {
  /** Counts from 1, over what was pending. */
  readonly current: number;
  readonly total: number;
  /** The migration's key in the history. */
  readonly migration: string;
  /** Path below the folder of migrations. */
  readonly file?: string;
  /** When this migration was begun, by the migrator's clock: ISO 8601, UTC. */
  readonly startedAt?: string;
  /** Counts from 1; more than that, where another transaction was in the way before. */
  readonly attempt?: number;
  /** Counts from 1. Absent where several statements run as one message: the server does not tell which one it is at. */
  readonly statement?: number;
  /** How many statements the file has. */
  readonly statements?: number;
  readonly operation?: RunOperation;
}

/** What PostgreSQL tells about the progress of some commands, index builds above all. */
export interface RunOperation {
  /** `CREATE INDEX CONCURRENTLY`, `VACUUM`, … */
  readonly command: string;
  readonly phase?: string;
  /** Of the phase, whole and rounded down. */
  readonly percent?: number;
}

/** Durations are as of `updatedAt`: nobody has to compare clocks. Carries no text of queries. */
export interface RunLockWait {
  /** What kind, as PostgreSQL's pg_locks names it: `relation`, `transactionid`, `virtualxid`, `advisory`, … */
  readonly lock: string;
  /** Schema and name of what is locked, where it is a table or an index. */
  readonly relation?: string;
  readonly waitedMs?: number;
  /** The sessions in the way, those with the oldest transactions first, at most three; what the role may not see of them is left out. */
  readonly blockers: readonly RunBlocker[];
}

export interface RunBlocker {
  /** 0 for a prepared transaction. */
  readonly pid: number;
  readonly user?: string;
  readonly applicationName?: string;
  /** As pg_stat_activity names it: `idle in transaction`, … */
  readonly state?: string;
  /** The age of its transaction. */
  readonly transactionMs?: number;
}

export interface RunSuccess {
  /** Newest key in the history before the run; absent for an empty history. */
  readonly appliedFrom?: string;
  /** Newest key in the history after the run; absent where there are no migrations at all. */
  readonly appliedTo?: string;
  /** How many migrations this run applied. */
  readonly applied: number;
  readonly durationMs: number;
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
