import type { PostgresServer, TestDatabase } from "./postgres.ts";

/**
 * Runs a task for each item on an empty database, several at once, to the end of all; fails with every failure, each
 * under its item's name.
 *
 * The databases are emptied and used again: hundreds of them would take longer to make than the tasks.
 */
export async function onEmptyDatabases<T>(
  server: PostgresServer,
  items: readonly T[],
  nameOf: (item: T) => string,
  task: (database: TestDatabase, item: T) => Promise<void>,
): Promise<void> {
  const failures: string[] = [];
  // One iterator for all: each takes the next item from it.
  const queue = items.values();
  const work = async () => {
    const database = await server.createDatabase();
    for (const item of queue) {
      await task(database, item).catch((error: Error) => failures.push(`${nameOf(item)}: ${error.message}`));
      await empty(database);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failures.length > 0) throw new Error(`${failures.length} failed:\n${failures.join("\n\n")}`);
}

const atOnce = 6;

/** Ends all other sessions, and drops what was made. */
async function empty(database: TestDatabase): Promise<void> {
  await database.superuser(
    `select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await database.superuser(`
    do $$
    declare name text;
    begin
      for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
        execute format('drop schema %I cascade', name);
      end loop;
      create schema public authorization pg_database_owner;
      grant usage on schema public to public;
    end $$`);
}
