import type { Logger } from "@migration-gate/cli-runtime/logger";
import type pg from "pg";
import type { Session } from "../database/session.ts";
import { TransientError } from "../errors.ts";
import type { Token } from "../sql/lexer.ts";
import type { Statement } from "../sql/statements.ts";
import { backoffMs, type WaitBudget } from "../wait-budget.ts";

/** A `CREATE INDEX CONCURRENTLY`, as far as repairing it needs. */
export interface ConcurrentIndex {
  /** As PostgreSQL stores it; absent where the server chooses the name. */
  readonly name?: string;
  /** As it is written, to be resolved by the session's search_path. */
  readonly table: string;
}

/** Recognises `CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] [name] ON [ONLY] table …`. */
export function parseConcurrentIndex(text: string, { tokens }: Statement): ConcurrentIndex | undefined {
  const source = (index: number) => {
    const token = tokens[index];
    return token ? text.slice(token.start, token.end) : "";
  };
  const isWord = (index: number, word: string) => source(index).toLowerCase() === word;
  let at = isWord(1, "unique") ? 2 : 1;
  if (!isWord(0, "create") || !isWord(at, "index") || !isWord(at + 1, "concurrently")) return undefined;
  at += 2;
  if (isWord(at, "if")) at += 3;
  const name = isWord(at, "on") ? undefined : identifier(text, tokens[at]);
  if (name !== undefined) at++;
  at += isWord(at + 1, "only") ? 2 : 1;
  let table = source(at);
  for (; source(at + 1) === "."; at += 2) table += `.${source(at + 2)}`;
  return { ...(name !== undefined && { name }), table };
}

function identifier(text: string, token: Token | undefined): string | undefined {
  if (!token) return undefined;
  const source = text.slice(token.start, token.end);
  return token.kind === "quoted-identifier" ? source.slice(1, -1).replaceAll('""', '"') : source.toLowerCase();
}

/** The indexes that a table has, by oid; empty where there is no such table. */
export async function indexesOf(session: Session, table: string): Promise<number[]> {
  const rows = await session.query<{ oid: number }>(
    "select indexrelid as oid from pg_catalog.pg_index where indrelid = to_regclass($1)",
    [table],
  );
  return rows.map(({ oid }) => oid);
}

interface NewIndex {
  readonly name: string;
  readonly qualifiedName: string;
  readonly valid: boolean;
  readonly partitioned: boolean;
}

/**
 * Settles what an interrupted build has left: answers true where the index has been built after all, and drops what is
 * INVALID, so that it can be built again.
 *
 * Only an index that was absent before, on that table, not of a partitioned parent, and not being built by a live
 * backend is ever dropped.
 */
export async function settleInterruptedBuild(
  session: Session,
  index: ConcurrentIndex,
  indexesBefore: readonly number[],
  { log, budget, signal }: { readonly log: Logger; readonly budget: WaitBudget; readonly signal: AbortSignal },
): Promise<boolean> {
  await waitForOtherBuilds(session, index.table, budget, signal);
  const appeared = await session.query<NewIndex & pg.QueryResultRow>(
    `select c.relname as name, format('%I.%I', n.nspname, c.relname) as "qualifiedName", i.indisvalid as valid,
            c.relkind = 'I' as partitioned
       from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where i.indrelid = to_regclass($1) and i.indexrelid <> all ($2::oid[])`,
    [index.table, indexesBefore],
  );
  const candidates = appeared.filter(({ name }) => index.name === undefined || name === index.name);
  for (const { qualifiedName, valid, partitioned } of candidates) {
    if (valid || partitioned) continue;
    await session.query(`drop index concurrently if exists ${qualifiedName}`);
    log.warn({ index: qualifiedName, table: index.table }, "dropped the invalid index of an interrupted build");
  }
  return candidates.some(({ valid }) => valid);
}

/** True where an index of that name on that table exists and is INVALID: `IF NOT EXISTS` would pass over it. */
export async function isInvalid(session: Session, { name, table }: ConcurrentIndex): Promise<boolean> {
  if (name === undefined) return false;
  const rows = await session.query(
    `select 1 from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
      where i.indrelid = to_regclass($1) and c.relname = $2 and not i.indisvalid and c.relkind = 'i'`,
    [table, name],
  );
  return rows.length > 0;
}

/**
 * A build holds SHARE UPDATE EXCLUSIVE on its table from beginning to end. Locks, unlike the progress view, are visible
 * to every role.
 */
async function waitForOtherBuilds(
  session: Session,
  table: string,
  budget: WaitBudget,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const [row] = await session.query<{ pid: number }>(
      `select pid from pg_catalog.pg_locks
        where locktype = 'relation' and relation = to_regclass($1) and mode = 'ShareUpdateExclusiveLock' and granted
          and database = (select oid from pg_catalog.pg_database where datname = current_database())
          and pid <> pg_backend_pid() limit 1`,
      [table],
    );
    if (!row) return;
    if (budget.exhausted) {
      throw new TransientError(`process ${row.pid} still holds ${table}, perhaps building an index on it`);
    }
    await budget.sleep(backoffMs(attempt, 100, 2000), signal);
  }
}
