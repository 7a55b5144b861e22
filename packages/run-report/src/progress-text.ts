import type { RunBlocker, RunLockWait, RunOperation, RunProgress, RunReport } from "./report.ts";

/** What a run is at, as its report says it. */
export type RunState = Pick<RunReport, "phase" | "progress" | "lockWait">;

/**
 * Says what a run is at, in the words that a terminal shows and waiting pods log:
 * `applying 7 of 12: 0042_add_index, building index: scanning table 63 %, waiting for a lock held by pid 4711 (psql, 40 s)`.
 */
export function progressText({ phase, progress, lockWait }: RunState): string {
  if (!progress) return lockWait ? lockWaitText(lockWait, "the migration lock") : idlePhases[phase];
  const { current, total, migration, operation, attempt = 1 } = progress;
  const statement = statementText(progress);
  return [
    `applying ${current} of ${total}: ${migration}`,
    ...(statement ? [statement] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(operation ? [operationText(operation)] : []),
    ...(lockWait ? [lockWaitText(lockWait)] : []),
  ].join(", ");
}

const idlePhases: Readonly<Record<RunReport["phase"], string>> = {
  connecting: "connecting to the database",
  "waiting-for-lock": "waiting for the migration lock",
  applying: "applying",
  succeeded: "succeeded",
  failed: "failed",
};

/** `statement 2 of 3`; `undefined` where the file has one only, or it is not known which one runs. */
export function statementText({ statement, statements }: RunProgress): string | undefined {
  return statement !== undefined && (statements ?? 0) > 1 ? `statement ${statement} of ${statements}` : undefined;
}

/** `building index: scanning table 63 %`. */
export function operationText({ command, phase = command, percent }: RunOperation): string {
  return percent === undefined ? phase : `${phase} ${percent} %`;
}

/** `waiting for a lock on public.posts held by pid 4711 (psql, idle in transaction, 40 s) and 2 others`. */
export function lockWaitText({ lock, relation, blockers }: RunLockWait, name = lockName(lock, relation)): string {
  const [first, ...others] = blockers;
  if (!first) return `waiting for ${name}`;
  const more = others.length === 0 ? "" : ` and ${others.length} ${others.length === 1 ? "other" : "others"}`;
  return `waiting for ${name} ${isTransaction(lock) ? "of" : "held by"} ${blockerText(first)}${more}`;
}

/** The kinds of lock by which one transaction waits for the end of another one. */
function isTransaction(lock: string): boolean {
  return lock === "transactionid" || lock === "virtualxid";
}

function lockName(lock: string, relation: string | undefined): string {
  if (relation !== undefined) return `a lock on ${relation}`;
  return isTransaction(lock) ? "a transaction" : "a lock";
}

function blockerText({ pid, user, applicationName = user, state, transactionMs }: RunBlocker): string {
  const shownState = state === "active" ? undefined : state;
  const known = [applicationName, shownState, transactionMs === undefined ? undefined : ageText(transactionMs)];
  const details = known.filter((part) => part !== undefined).join(", ");
  return `${pid === 0 ? "" : `pid ${pid}`}${details && ` (${details})`}`.trim();
}

/** `40 s`, `12 min`, `3 h`, `2 d`: for a glance. */
export function ageText(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
