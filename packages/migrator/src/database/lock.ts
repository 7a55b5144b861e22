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
 * @throws TransientError when the budget is used up, naming the holder
 */
export async function acquireLock(
  session: Session,
  key: bigint,
  { budget, log, signal }: { readonly budget: WaitBudget; readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  let holder: LockHolder | undefined;
  for (let attempt = 0; !(await tryLock(session, key)); attempt++) {
    const current = await budget.spend(() => lockHolder(session, key));
    if (attempt === 0 || current?.pid !== holder?.pid) log.info({ holder: current }, "another run holds the lock");
    holder = current;
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

async function tryLock(session: Session, key: bigint): Promise<boolean> {
  const [row] = await session.query<{ locked: boolean }>("select pg_catalog.pg_try_advisory_lock($1) as locked", [key]);
  return row?.locked === true;
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

const isThisLock = `l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
        and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid`;

/** The two numbers by which pg_locks shows a key of 64 bits. */
function keyHalves(key: bigint): readonly [bigint, bigint] {
  return [BigInt.asUintN(32, key >> 32n), BigInt.asUintN(32, key)];
}
