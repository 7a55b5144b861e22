import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { Session } from "../database/session.ts";
import { TransientError } from "../errors.ts";
import { backoffMs, type WaitBudget } from "../wait-budget.ts";

/** What settling an interrupted statement needs. */
export interface SettleContext {
  readonly session: Session;
  readonly log: Logger;
  readonly budget: WaitBudget;
  readonly signal: AbortSignal;
}

/**
 * Waits until nobody builds an index on the table any more.
 *
 * A build holds SHARE UPDATE EXCLUSIVE on its table from beginning to end. Locks, unlike the progress view, are visible
 * to every role. Autovacuum, which has no user, takes the same lock and builds nothing.
 */
export async function waitForOtherBuilds({ session, budget, signal }: SettleContext, tableOid: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const [row] = await session.query<{ pid: number; table: string }>(
      `select l.pid, l.relation::regclass::text as table
         from pg_catalog.pg_locks l join pg_catalog.pg_stat_activity a on a.pid = l.pid
        where l.locktype = 'relation' and l.relation = $1 and l.mode = 'ShareUpdateExclusiveLock' and l.granted
          and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
          and l.pid <> pg_backend_pid() and a.usesysid is not null limit 1`,
      [tableOid],
    );
    if (!row) return;
    if (budget.exhausted) {
      throw new TransientError(`process ${row.pid} still holds ${row.table}, perhaps building an index on it`);
    }
    await budget.sleep(backoffMs(attempt, 100, 2000), signal);
  }
}

/** Drops an INVALID index, which no query uses and every write pays for. */
export async function dropInvalidIndex(
  { session, log }: SettleContext,
  { name, table }: { readonly name: string; readonly table: string },
): Promise<void> {
  await session.query(`drop index concurrently if exists ${name}`);
  log.warn({ index: name, table }, "dropped the invalid index of an interrupted build");
}
