import type { RunState } from "@migration-gate/run-report/progress-text";
import type { RunPhase } from "@migration-gate/run-report/report";
import { type Part, statementPosition } from "../apply/message.ts";
import type { Activity, AwaitedLock } from "../database/activity.ts";
import type { LockHolder } from "../database/lock.ts";
import type { MigrationFile } from "../files/migration-files.ts";
import type { Script } from "../files/script.ts";
import { reportedHolder, reportedLockWait, reportedOperation } from "./reported-activity.ts";

/** All that is known about a run at one moment: plain data, from which report, log and terminal are told. */
export interface Moment {
  readonly phase: RunPhase;
  /** Monotonic milliseconds; of the migration, while one is applied. */
  readonly phaseSinceMs: number;
  readonly migration?: RunningMigration;
  /** What was sent last. */
  readonly message?: readonly Part[];
  /** What the running message does, as last seen. */
  readonly activity?: Activity | undefined;
  /** What the message last waited for; it stays between a message that was in vain and the next attempt. */
  readonly awaitedLock?: AwaitedLock | undefined;
  /** Who holds the run's own lock, while that is waited for. */
  readonly holder?: LockHolder | undefined;
}

export interface RunningMigration {
  readonly script: { readonly file: Pick<MigrationFile, "key" | "path"> } & Pick<Script, "statements">;
  readonly current: number;
  readonly total: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Counts from 1. */
  readonly attempt: number;
}

/** What the report and the live line say. */
export function runStateOf({ phase, migration, message = [], activity, awaitedLock, holder }: Moment): RunState {
  const lockWait = awaitedLock ? reportedLockWait(awaitedLock) : holder && reportedHolder(holder);
  const waiting = lockWait ? { lockWait } : {};
  if (!migration) return { phase, ...waiting };
  const { script, current, total, startedAt, attempt } = migration;
  const { key, path: file } = script.file;
  const operation = activity?.operation ? { operation: reportedOperation(activity.operation) } : {};
  const position = statementPosition(script, message);
  const progress = { current, total, migration: key, file, startedAt, attempt, ...position, ...operation };
  return { phase, progress, ...waiting };
}

/** What the log says: the blockers' queries too. */
export function logFieldsOf(moment: Moment, nowMs: number): Readonly<Record<string, unknown>> {
  const { migration, message = [], activity, awaitedLock, phaseSinceMs } = moment;
  const { blockers, ...waitsFor } = awaitedLock ?? {};
  const { operation, waitEvent } = activity ?? {};
  return {
    ...(migration && {
      migration: migration.script.file.key,
      current: migration.current,
      total: migration.total,
      ...statementPosition(migration.script, message),
      ...(migration.attempt > 1 && { attempt: migration.attempt }),
    }),
    elapsedMs: Math.round(nowMs - phaseSinceMs),
    ...(operation && { operation: reportedOperation(operation) }),
    ...(awaitedLock ? { waitsFor, blockers } : waitEvent && { waitEvent }),
  };
}
