import type { Logger } from "@migration-gate/cli-runtime/logger";
import { observed } from "../database/script-query.ts";
import type { Script } from "../files/script.ts";
import { type Statement, statementWords } from "../sql/statements.ts";

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

/**
 * False where the statements' words rule out that they lock more than one existing table against readers or writers, so
 * that looking would be in vain.
 */
export function mayLockSeveralTables(text: string, statements: readonly Statement[]): boolean {
  let tables = 0;
  for (const statement of statements) {
    tables += mostTablesLocked(statementWords(text, statement));
    if (tables > 1) return true;
  }
  return false;
}

function mostTablesLocked(words: readonly string[]): 0 | 1 | 2 {
  const [first = "", second = ""] = words;
  if (locksNothing.has(first)) return 0;
  const isNewTable = first === "create" && ["table", "type", "schema", "sequence", "extension"].includes(second);
  const refersToOthers = words.some((word) => word === "references" || word === "partition" || word === "inherits");
  if (isNewTable) return refersToOthers ? 2 : 0;
  const isOfOneTable = first === "alter" || first === "create";
  return isOfOneTable && !refersToOthers ? 1 : 2;
}

const locksNothing = new Set([
  "insert",
  "update",
  "delete",
  "merge",
  "copy",
  "set",
  "reset",
  "comment",
  "grant",
  "revoke",
]);

/** Warns where it is more than one: each lock is held while the statements behind it queue for theirs, and run. */
export function warnOfTableLocks(log: Logger, { file }: Script, observations: readonly string[]): void {
  const tables = [...new Set(observations)].sort();
  if (tables.length < 2) return;
  log.warn(
    { migration: file.key, tables },
    "migration locked several existing tables at once, all until its end: one file for each keeps readers and writers waiting less",
  );
}
