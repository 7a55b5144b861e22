import type { Logger } from "@migration-gate/cli-runtime/logger";
import { observed } from "../database/script-query.ts";
import type { Script } from "../files/script.ts";

/**
 * SQL that names the tables that this transaction keeps from readers or writers until it ends, though they were there
 * before it: read from the locks that it holds.
 *
 * A table of its own is told by the row of its system column `ctid`, which is written when the table is made and never
 * again; subtransactions have later numbers than their transaction, hence a negative age. Partitions stand for their
 * root. Indexes, sequences, TOAST and temporary tables do not count: they give null. Without a join it is planned in a
 * third of the time.
 */
export const observeTableLocks = `select ${observed(`(
  select coalesce(pg_catalog.pg_partition_root(c.oid), c.oid::regclass)::text from pg_catalog.pg_class c
   where c.oid = l.relation and c.relkind in ('r', 'p') and c.relpersistence <> 't'
     and (select pg_catalog.age(a.xmin) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum = -1) > 0)`)}
  from pg_catalog.pg_locks l
 where l.pid = pg_catalog.pg_backend_pid() and l.locktype = 'relation' and l.granted
   and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/** Warns where it is more than one: each lock is held while the statements behind it queue for theirs, and run. */
export function warnOfTableLocks(log: Logger, { file }: Script, observations: readonly string[]): void {
  const tables = [...new Set(observations)].sort();
  if (tables.length < 2) return;
  log.warn(
    { migration: file.key, tables },
    "migration locked several existing tables at once, all until its end: one file for each keeps readers and writers waiting less",
  );
}
