import pg from "pg";
import type { Session } from "../database/session.ts";
import type { Statement } from "../sql/statements.ts";
import { TokenReader } from "../sql/token-reader.ts";
import { dropInvalidIndex, type SettleContext, waitForOtherBuilds } from "./invalid-index.ts";

/** A `REINDEX … CONCURRENTLY`. */
export interface ConcurrentReindex {
  readonly scope: "index" | "table" | "schema" | "database";
  /** As it is written; of a database, which can only be the current one, absent. */
  readonly name?: string;
}

/** … while it runs. */
export interface RebuiltIndexes extends ConcurrentReindex {
  readonly kind: "reindex";
  /** The oids of the indexes that earlier ones had left there. */
  readonly leftBefore: readonly number[];
}

/** Recognises `REINDEX [(options)] scope [CONCURRENTLY] name`. */
export function parseReindex(text: string, statement: Statement): ConcurrentReindex | undefined {
  const reader = new TokenReader(text, statement);
  if (!reader.skip("reindex")) return undefined;
  const options = reader.skipParentheses();
  const scope = (["index", "table", "schema", "database"] as const).find((word) => reader.skip(word));
  const concurrently = reader.skip("concurrently") || options.includes("concurrently");
  if (!scope || !concurrently) return undefined;
  return scope === "database" || reader.ended ? { scope: "database" } : { scope, name: reader.qualifiedName() };
}

export async function noteReindex(
  session: Session,
  text: string,
  statement: Statement,
): Promise<RebuiltIndexes | undefined> {
  const reindex = parseReindex(text, statement);
  if (!reindex) return undefined;
  const left = await leftIn(session, reindex);
  return { kind: "reindex", ...reindex, leftBefore: left.map(({ oid }) => oid) };
}

/**
 * Drops what an interrupted one has left: the new index, not yet valid (`…_ccnew`), or the old one, no longer valid
 * (`…_ccold`). Nothing else is touched, and nothing that was left there before. It can always run again.
 *
 * @see https://www.postgresql.org/docs/current/sql-reindex.html#SQL-REINDEX-CONCURRENTLY
 */
export async function settleReindex(context: SettleContext, reindex: RebuiltIndexes): Promise<boolean> {
  for (const { oid, name, table, tableOid } of await leftIn(context.session, reindex)) {
    if (reindex.leftBefore.includes(oid)) continue;
    await waitForOtherBuilds(context, tableOid);
    try {
      await dropInvalidIndex(context, { name, table });
    } catch (error) {
      // An index of a TOAST table, which its table's owner has no access to.
      if (!(error instanceof pg.DatabaseError && error.code === "42501")) throw error;
      context.log.warn(
        { index: name, table, reason: error.message },
        "an invalid index stays: a superuser can drop it",
      );
    }
  }
  return false;
}

interface LeftIndex extends pg.QueryResultRow {
  readonly oid: number;
  readonly name: string;
  readonly table: string;
  readonly tableOid: number;
}

/** The INVALID indexes with a name that only `REINDEX CONCURRENTLY` gives, with a number behind it where it was taken. */
async function leftIn(session: Session, { scope, name }: ConcurrentReindex): Promise<readonly LeftIndex[]> {
  return await session.query<LeftIndex>(
    `select i.indexrelid as oid, format('%I.%I', n.nspname, c.relname) as name,
            i.indrelid::regclass::text as table, i.indrelid as "tableOid"
       from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where not i.indisvalid and c.relkind = 'i' and c.relname ~ '_cc(new|old)[0-9]*$' and ${tablesIn[scope]}`,
    [name ?? null],
  );
}

/** A partitioned one stands for its partitions, a table for its TOAST table too. */
const members = "(select to_regclass($1) union all select relid from pg_catalog.pg_partition_tree(to_regclass($1)))";
const tablesIn: Readonly<Record<ConcurrentReindex["scope"], string>> = {
  index: `i.indrelid in (select indrelid from pg_catalog.pg_index where indexrelid in ${members})`,
  table: `(i.indrelid in ${members} or i.indrelid in (select reltoastrelid from pg_catalog.pg_class where oid in ${members}))`,
  schema: "i.indrelid in (select oid from pg_catalog.pg_class where relnamespace = to_regnamespace($1))",
  database: "$1::text is null",
};
