import pg from "pg";
import type { TestDatabase } from "./postgres.ts";

/** Makes a database ready for `leavesState`. */
export async function prepareForState(database: TestDatabase): Promise<void> {
  await database.superuser("grant set on parameter session_replication_role to owner");
  await database.superuser(
    "do $$ begin create role visitor; exception when duplicate_object then null; end $$; grant visitor to owner",
  );
  await database.query("create sequence numbers");
}

/** Leaves in a session whatever a file can leave there. */
export const leavesState = `
  set search_path = pg_catalog; set lock_timeout = '7s'; set statement_timeout = '9min';
  set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set bytea_output = 'escape'; set app.tenant = 'acme';
  set session characteristics as transaction isolation level serializable;
  select pg_catalog.set_config('work_mem', '1MB', false), nextval('public.numbers');
  set session_replication_role = replica;
  create temporary table scratch (); prepare plan as select 1; declare held cursor with hold for select 1; listen news;
  select pg_advisory_lock(42), pg_advisory_lock(42), pg_advisory_lock_shared(4, 2);
  set role visitor;`;

/** A query for one text that is the same in two sessions whose state nobody can tell apart. */
export const sessionState = `
  select jsonb_pretty(jsonb_build_object(
    'settings', (select jsonb_object_agg(name, setting) from pg_catalog.pg_settings
                  where context <> 'internal' and name <> 'application_name'),
    'custom setting', nullif(current_setting('app.tenant', true), ''),
    'role', current_user,
    'temporary tables', (select count(*) from pg_catalog.pg_class where relnamespace = pg_my_temp_schema()),
    'prepared statements', (select count(*) from pg_catalog.pg_prepared_statements where from_sql),
    'cursors', (select count(*) from pg_catalog.pg_cursors where is_holdable),
    'channels', (select count(*) from pg_catalog.pg_listening_channels()),
    'advisory locks', (select count(*) from pg_catalog.pg_locks
                        where locktype = 'advisory' and pid = pg_backend_pid() and objid in (2, 42))
  )) as state`;

/** The state that the application meets behind a pooler. */
export async function stateOfPool(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sessionState)).rows;
  } finally {
    await client.end();
  }
}
