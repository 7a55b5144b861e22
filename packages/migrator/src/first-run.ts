import type { Session } from "./database/session.ts";
import { HistoryConflictError } from "./errors.ts";
import type { MigrationFile } from "./files/migration-files.ts";
import { commandOn, type HistoryTable, quotedName } from "./history/table.ts";

/** Tables that this set's history says nothing about. */
export interface ExistingTables {
  readonly total: number;
  /** The first few, histories of other tools before all others. */
  readonly shown: readonly { readonly schema: string; readonly name: string }[];
}

/**
 * Refuses a first run over tables that some other tool, or a person, has made: the files up to some point have created
 * them, and would fail on them, or fill them twice.
 *
 * To be called where the set has no row yet.
 *
 * @throws HistoryConflictError
 */
export async function refuseExistingTables(
  session: Session,
  history: HistoryTable,
  files: readonly MigrationFile[],
): Promise<void> {
  const reason = await firstRunRefusal(session, history, files);
  if (reason !== undefined) throw new HistoryConflictError(reason);
}

/**
 * Says why a first run would be refused; `undefined` where it would not. Another set's rows in the same history say whose
 * the tables may be, and lift the refusal.
 */
export async function firstRunRefusal(
  session: Session,
  history: HistoryTable,
  files: readonly MigrationFile[],
): Promise<string | undefined> {
  const tables = await existingTables(session, history);
  // The order is what makes this right without the lock: what another run creates comes with or after its row.
  if (tables.total === 0 || (await hasRows(session, history))) return undefined;
  return refusal(tables, history, files);
}

/** Says what was found and which two ways lead on. */
export function refusal(
  { total, shown }: ExistingTables,
  history: HistoryTable,
  files: readonly MigrationFile[],
): string {
  const names = shown.map(({ schema, name }) => {
    const tool = toolOfHistory[name];
    return `${schema}.${name}${tool === undefined ? "" : ` (the history of ${tool})`}`;
  });
  const more = total > shown.length ? ", …" : "";
  return (
    `the history is empty, but the database has ${total === 1 ? "a table" : `${total} tables`}: ${names.join(", ")}${more}. ` +
    `Where these files have made them, run "${commandOn(history, "baseline KEY")}", KEY being the last migration that ` +
    `the database contains (${files.at(0)?.key} to ${files.at(-1)?.key}). ` +
    "Where they are not of these files, run all files from the first one on with --allow-existing-tables"
  );
}

const toolOfHistory: Readonly<Record<string, string>> = {
  __diesel_schema_migrations: "Diesel",
  _prisma_migrations: "Prisma",
  _sqlx_migrations: "sqlx",
  atlas_schema_revisions: "Atlas",
  databasechangelog: "Liquibase",
  flyway_schema_history: "Flyway",
  goose_db_version: "goose",
  pgmigrations: "node-pg-migrate",
  schema_migrations: "golang-migrate, dbmate or Rails",
  schema_version: "tern",
};

/** Tables of extensions, histories of ours, and what this role cannot reach do not count. */
async function existingTables(session: Session, history: HistoryTable): Promise<ExistingTables> {
  const rows = await session.query<{ schema: string; name: string; total: number }>(
    `select n.nspname as schema, c.relname as name, (pg_catalog.count(*) over ())::int as total
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
        and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
        and pg_catalog.has_schema_privilege(n.oid, 'usage')
        and not exists (select from pg_catalog.pg_depend d
                         where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
        and (n.nspname, c.relname) <> ($1, $2)
        and coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') not like 'migration-gate history%'
      order by c.relname = any($3) desc, n.nspname, c.relname
      limit 3`,
    [history.schema, history.table, Object.keys(toolOfHistory)],
  );
  return { total: rows[0]?.total ?? 0, shown: rows };
}

async function hasRows(session: Session, history: HistoryTable): Promise<boolean> {
  const name = quotedName(history);
  const [table] = await session.query<{ exists: boolean }>("select to_regclass($1) is not null as exists", [name]);
  if (!table?.exists) return false;
  const [row] = await session.query<{ exists: boolean }>(`select exists (select from ${name}) as exists`);
  return row?.exists === true;
}
