import type { RunBlocker, RunLockWait, RunOperation } from "@migration-gate/run-report/report";
import type { AwaitedLock, Blocker, Operation } from "../database/activity.ts";
import type { LockHolder } from "../database/lock.ts";

/** More of them would tell nothing more, and the ledger is small. */
const reportedBlockers = 3;

/** A lock that a statement waits for, as the report has it: without the text of any query. */
export function reportedLockWait({ lock, relation, waitedMs, blockers }: AwaitedLock): RunLockWait {
  const shown = blockers.slice(0, reportedBlockers).map(reportedBlocker);
  return { lock, ...known({ relation, waitedMs }), blockers: shown };
}

/** The run's own lock, as the report has it. */
export function reportedHolder({ pid, user, applicationName }: LockHolder): RunLockWait {
  return { lock: "advisory", blockers: [{ pid, ...known({ user, applicationName }) }] };
}

export function reportedOperation({ command, phase, percent }: Operation): RunOperation {
  return { command, ...known({ phase, percent }) };
}

function reportedBlocker({ pid, user, applicationName, state, transactionMs }: Blocker): RunBlocker {
  return { pid, ...known({ user, applicationName, state, transactionMs }) };
}

type Known<T> = { readonly [K in keyof T]?: Exclude<T[K], null> };

/** What PostgreSQL does not tell is null or empty: it is left out. */
function known<T extends Readonly<Record<string, string | number | null>>>(values: T): Known<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return Object.fromEntries(entries) as Known<T>;
}
