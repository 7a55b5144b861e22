import pg from "pg";

/** Where the history is, and which set of migrations in it this run is about. */
export interface HistoryTable {
  readonly schema: string;
  readonly table: string;
  readonly set: string;
}

/** The table's name for SQL. */
export function quotedName({ schema, table }: HistoryTable): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
}

/** The table's name for people. */
export function displayName({ schema, table }: HistoryTable): string {
  return `${schema}.${table}`;
}

/** What a run uses without `--history` and `--set`. */
export const defaultHistory: HistoryTable = { schema: "migration_gate", table: "history", set: "default" };

/** How a person runs a command on this history, for messages. */
export function commandOn(history: HistoryTable, command: string): string {
  const name = displayName(history);
  const flags = [
    ...(name === displayName(defaultHistory) ? [] : ["--history", name]),
    ...(history.set === defaultHistory.set ? [] : ["--set", history.set]),
  ];
  return ["migrator", command, ...flags].join(" ");
}

/**
 * The statements that create the history; see docs/adr/0005-history-table.md for what each column is for.
 *
 * No `IF NOT EXISTS` for the schema: it asks for the right to create one even where it exists.
 */
export function createStatements(history: HistoryTable, schemaExists: boolean): readonly string[] {
  const name = quotedName(history);
  return [
    ...(schemaExists ? [] : [`create schema ${pg.escapeIdentifier(history.schema)}`]),
    `create table ${name} (
      set_name text not null,
      key text not null,
      version text not null,
      checksum text not null,
      script text,
      state text not null check (state in ('started', 'done')),
      origin text not null default 'run' check (origin in ('run', 'baseline', 'resolved')),
      transactional boolean not null,
      breaking boolean not null,
      statements_total integer not null,
      statements_done integer not null default 0,
      progress jsonb,
      started_at timestamptz not null default pg_catalog.clock_timestamp(),
      finished_at timestamptz,
      duration_ms bigint,
      applied_order bigint generated always as identity,
      applied_by text not null default session_user,
      application_name text not null default pg_catalog.current_setting('application_name'),
      run_id text,
      migrator_version text not null,
      image text,
      repaired_at timestamptz,
      primary key (set_name, key)
    )`,
    `comment on table ${name} is 'migration-gate history, format 1'`,
  ];
}
