import { createHash } from "node:crypto";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import { TransientError } from "../errors.ts";
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

async function lockHolder(session: Session, key: bigint): Promise<LockHolder | undefined> {
  const [high, low] = [BigInt.asUintN(32, key >> 32n), BigInt.asUintN(32, key)];
  const [row] = await session.query<{ [K in keyof LockHolder]: LockHolder[K] }>(
    `select l.pid, a.usename as "user", a.application_name as "applicationName", host(a.client_addr) as "clientAddress",
            to_char(a.backend_start at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
       from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
        and l.classid = $1::bigint::oid and l.objid = $2::bigint::oid`,
    [high, low],
  );
  return row;
}
