import pg from "pg";
import type { TestDatabase } from "./postgres.ts";

/** What a run leaves in a database, as plain values that two runs can be compared by. */
export interface Snapshot {
  /** One line for each object and property of the schema. */
  readonly schema: readonly string[];
  /** Each table's rows, sorted: the order in which they lie in the table is no promise. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
  /** The history in the order of application, without times, run ids and the numbers that order it. */
  readonly history: readonly Readonly<Record<string, unknown>>[];
}

/** Reads schema, rows and history of a database: equal for two runs that nobody could tell apart afterwards. */
export async function snapshot(database: Pick<TestDatabase, "superuserUrl">): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    // In one snapshot of the server's, with every name qualified.
    await client.query("begin isolation level repeatable read; set local search_path = pg_catalog");
    const { rows: tables } = await client.query<{ name: string }>(tablesQuery);
    const rows: Record<string, string[]> = {};
    for (const { name } of tables) rows[name] = await rowsOf(client, name);
    return { schema: await schemaOf(client), rows, history: await historyOf(client) };
  } finally {
    await client.end();
  }
}

async function rowsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`);
  return rows.map(({ row }) => row);
}

async function schemaOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(schemaQuery);
  return rows.map(({ line }) => line);
}

async function historyOf(client: pg.Client): Promise<Record<string, unknown>[]> {
  const { rows } = await client.query<{ row: Record<string, unknown> }>(
    `select to_jsonb(h) - array['started_at', 'finished_at', 'duration_ms', 'run_id', 'applied_order'] as row
       from migration_gate.history h order by applied_order`,
  );
  return rows.map(({ row }) => row);
}

const ours = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

const tablesQuery = `
  select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'm') and ${ours} and n.nspname <> 'migration_gate' order by 1`;

const schemaQuery = `
  select line from (
    select format('schema %I, owner %s', n.nspname, n.nspowner::regrole) from pg_namespace n where ${ours}
    union all
    select format('relation %s, kind %s, owner %s, options %s, view %s', c.oid::regclass, c.relkind, c.relowner::regrole,
                  c.reloptions, case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${ours}
    union all
    select format('column %s.%I, number %s, type %s, not null %s, default %s', c.oid::regclass, a.attname, a.attnum,
                  format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where ${ours} and a.attnum > 0 and not a.attisdropped
    union all
    select format('index %s, valid %s, ready %s', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where ${ours}
    union all
    select format('constraint %I on %s, %s', o.conname, o.conrelid::regclass, pg_get_constraintdef(o.oid))
      from pg_constraint o join pg_namespace n on n.oid = o.connamespace where ${ours}
    union all
    select format('function %s, owner %s, %s', p.oid::regprocedure, p.proowner::regrole, pg_get_functiondef(p.oid))
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${ours} and p.prokind in ('f', 'p')
    union all
    select format('enum %s, %s', e.enumtypid::regtype, e.enumlabel)
      from pg_enum e join pg_type t on t.oid = e.enumtypid join pg_namespace n on n.oid = t.typnamespace where ${ours}
  ) as lines (line) order by 1`;
