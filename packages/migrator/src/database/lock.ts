import { createHash } from "node:crypto";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import pg from "pg";
import { TransientError, UnlockRefusedError } from "../errors.ts";
import { backoffMs, type WaitBudget } from "../wait-budget.ts";
import type { Session } from "./session.ts";

/** Who holds the lock, as far as this role may see it. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string | null;
  readonly applicationName: string | null;
  readonly clientAddress: string | null;
  readonly since: string | null;
}

/** A transaction was served by another backend than the one before. */
export class BackendChangedError extends Error {
  override readonly name = "BackendChangedError";

  constructor() {
    super("two transactions were served by two backends: the pooler is in transaction mode");
  }
}

export interface LockWait {
  readonly budget: WaitBudget;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Told who holds the lock as often as it is asked for. */
  readonly onHolder?: ((holder: LockHolder | undefined) => void) | undefined;
}

/** One key for each history and set; PostgreSQL keeps advisory locks of different databases apart by itself. */
export function lockKey(database: string, history: string, set: string): bigint {
  const name = JSON.stringify(["migration-gate", database, history, set]);
  return createHash("sha256").update(name).digest().readBigInt64BE();
}

/**
 * Takes the lock for the rest of the session by asking for it again and again, outside any transaction.
 *
 * Never `pg_advisory_lock`: a session that blocks in it holds a snapshot, for which `CREATE INDEX CONCURRENTLY` of the
 * lock's holder waits in turn, a deadlock that PostgreSQL ends by killing the migration.
 *
 * @throws TransientError when the budget is used up, naming the holder; BackendChangedError where another backend than
 * `backendPid` would have taken it
 */
export async function acquireLock(session: Session, key: bigint, backendPid: number, wait: LockWait): Promise<void> {
  await pollLock(session, key, wait, () => tryLock(session, key, backendPid));
}

/**
 * Waits until nobody holds the lock, without taking it.
 *
 * @throws TransientError as `acquireLock`
 */
export async function waitUntilFree(session: Session, key: bigint, wait: LockWait): Promise<void> {
  await pollLock(session, key, wait, async () => (await lockHolder(session, key)) === undefined);
}

async function pollLock(
  session: Session,
  key: bigint,
  { budget, log, signal, onHolder }: LockWait,
  ended: () => Promise<boolean>,
): Promise<void> {
  let holder: LockHolder | undefined;
  for (let attempt = 0; !(await ended()); attempt++) {
    const current = await budget.spend(() => lockHolder(session, key));
    if (attempt === 0 || current?.pid !== holder?.pid) log.info({ holder: current }, "another run holds the lock");
    holder = current;
    onHolder?.(holder);
    if (budget.exhausted) {
      const who = holder
        ? `process ${holder.pid} (${holder.applicationName ?? "unknown application"})`
        : "another session";
      throw new TransientError(`the migration lock is held by ${who} and was not given back within the wait budget`, {
        logFields: { holder },
      });
    }
    await budget.sleep(backoffMs(attempt, 50, 1000), signal);
  }
}

async function tryLock(session: Session, key: bigint, backendPid: number): Promise<boolean> {
  const [row] = await session.query<{ locked: boolean | null }>(
    "select case when pg_catalog.pg_backend_pid() = $2 then pg_catalog.pg_try_advisory_lock($1) end as locked",
    [key, backendPid],
  );
  if (row?.locked === null) throw new BackendChangedError();
  return row?.locked === true;
}

/**
 * Statements of one transaction that give back the session's other advisory locks, which a file has taken and kept.
 *
 * There is only a function for all locks of the session: meanwhile the transaction holds ours. A file that has given it
 * back has it again afterwards, unless another run was faster; nothing blocks here, for the reason above.
 */
export function keepOnlyLock(key: bigint): readonly string[] {
  return [
    `select pg_catalog.pg_try_advisory_xact_lock(${key})`,
    "select pg_catalog.pg_advisory_unlock_all()",
    `select pg_catalog.pg_try_advisory_lock(${key})`,
  ];
}

const heldMessage = "the migration lock is held by another run";

/**
 * A statement that takes the lock to the end of its transaction, and fails where another session has it: plain SQL has
 * no other way to stop a message. `concat` is not immutable, so that the planner does not run into the failure first.
 */
export function transactionLock(key: bigint): string {
  return `select case when pg_catalog.pg_try_advisory_xact_lock(${key}) then 0 else pg_catalog.concat('${heldMessage}')::int end`;
}

/** Recognises the failure of `transactionLock`; the server quotes the text in whatever language it speaks. */
export function isLockHeld(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "22P02" && error.message.includes(heldMessage);
}

/** Who holds the lock now, asked from any session. */
export async function lockHolder(session: Session, key: bigint): Promise<LockHolder | undefined> {
  const [row] = await session.query<{ [K in keyof LockHolder]: LockHolder[K] }>(
    `select l.pid, a.usename as "user", a.application_name as "applicationName", host(a.client_addr) as "clientAddress",
            to_char(a.backend_start at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
       from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where ${isThisLock}`,
    keyHalves(key),
  );
  return row;
}

/**
 * Ends the session that holds the lock, and returns when it has given the lock back.
 *
 * @throws UnlockRefusedError where `role` may not, TransientError where it has not ended in time
 */
export async function endHolder(
  session: Session,
  key: bigint,
  holder: LockHolder,
  { role, timeoutMs }: { readonly role: string; readonly timeoutMs: number },
): Promise<void> {
  const [row] = await session
    .query<{ ended: boolean }>(
      // The lock is asked for again: the process number may have gone to another session since.
      `select pg_catalog.pg_terminate_backend(l.pid, $4) as ended from pg_catalog.pg_locks l where ${isThisLock} and l.pid = $3`,
      [...keyHalves(key), holder.pid, timeoutMs],
    )
    .catch((error: unknown) => {
      const refused = error instanceof pg.DatabaseError && error.code === "42501";
      throw refused ? new UnlockRefusedError(holder, role, error) : error;
    });
  if (row?.ended !== false) return;
  throw new TransientError(`process ${holder.pid} was told to end and still holds the lock`, { logFields: { holder } });
}

/** For the condition of a query on pg_locks `l`, with `keyHalves` as $1 and $2. */
export const isThisLock = `l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
        and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid`;

/** The two numbers by which pg_locks shows a key of 64 bits. */
export function keyHalves(key: bigint): readonly [bigint, bigint] {
  return [BigInt.asUintN(32, key >> 32n), BigInt.asUintN(32, key)];
}
