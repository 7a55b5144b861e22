import type pg from "pg";
import type { Session } from "../database/session.ts";
import type { Statement } from "../sql/statements.ts";
import { TokenReader } from "../sql/token-reader.ts";
import { dropInvalidIndex, type SettleContext, waitForOtherBuilds } from "./invalid-index.ts";

/** A `CREATE INDEX CONCURRENTLY`, as far as settling it needs. */
export interface ConcurrentIndex {
  /** As it is written; absent where the server chooses the name. */
  readonly name?: string;
  /** As it is written, to be resolved by the session's search_path. */
  readonly table: string;
}

/** … while it runs. */
export interface BuiltIndex extends ConcurrentIndex {
  readonly kind: "create-index";
  /** The oids of the indexes that its table had. */
  readonly indexesBefore: readonly number[];
}

/** Recognises `CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] [name] ON [ONLY] table …`. */
export function parseConcurrentIndex(text: string, statement: Statement): ConcurrentIndex | undefined {
  const reader = new TokenReader(text, statement);
  if (!reader.skip("create")) return undefined;
  reader.skip("unique");
  if (!reader.skip("index", "concurrently")) return undefined;
  reader.skip("if", "not", "exists");
  const name = reader.meets("on") ? undefined : reader.qualifiedName();
  reader.skip("on");
  reader.skip("only");
  return { ...(name !== undefined && { name }), table: reader.qualifiedName() };
}

export async function noteIndexBuild(
  session: Session,
  text: string,
  statement: Statement,
): Promise<BuiltIndex | undefined> {
  const index = parseConcurrentIndex(text, statement);
  if (!index) return undefined;
  const rows = await session.query<{ oid: number }>(
    "select indexrelid as oid from pg_catalog.pg_index where indrelid = to_regclass($1)",
    [index.table],
  );
  return { kind: "create-index", ...index, indexesBefore: rows.map(({ oid }) => oid) };
}

interface NewIndex extends pg.QueryResultRow {
  readonly name: string;
  readonly valid: boolean;
}

/**
 * Answers true where the index has been built after all, and drops what is INVALID, so that it can be built again.
 *
 * Only an index that was absent before, on that table, not of a partitioned parent, and not being built by a live
 * backend is ever dropped.
 */
export async function settleIndexBuild(context: SettleContext, index: BuiltIndex): Promise<boolean> {
  const [table] = await context.session.query<{ oid: number | null }>("select to_regclass($1)::oid as oid", [
    index.table,
  ]);
  if (table?.oid == null) return false;
  await waitForOtherBuilds(context, table.oid);
  const appeared = await context.session.query<NewIndex>(
    `select format('%I.%I', n.nspname, c.relname) as name, i.indisvalid as valid
       from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where i.indrelid = $1 and i.indexrelid <> all ($2::oid[]) and c.relkind = 'i' and ${isNamed("$3")}`,
    [table.oid, index.indexesBefore, index.name ?? null],
  );
  for (const { name, valid } of appeared) {
    if (!valid) await dropInvalidIndex(context, { name, table: index.table });
  }
  return appeared.some(({ valid }) => valid);
}

/** True where an index of that name on that table exists and is INVALID: `IF NOT EXISTS` would pass over it. */
export async function isInvalid(session: Session, { name, table }: ConcurrentIndex): Promise<boolean> {
  if (name === undefined) return false;
  const rows = await session.query(
    `select 1 from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
      where i.indrelid = to_regclass($1) and ${isNamed("$2")} and not i.indisvalid and c.relkind = 'i'`,
    [table, name],
  );
  return rows.length > 0;
}

/** The server reads the name as it does in a statement: folded to lower case, unquoted, cut to 63 bytes. */
const isNamed = (parameter: string) =>
  `(${parameter}::text is null or c.relname = (pg_catalog.parse_ident(${parameter}::text))[1]::name)`;
