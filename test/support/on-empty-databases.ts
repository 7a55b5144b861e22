import type { PostgresServer, TestDatabase } from "./postgres.ts";

/**
 * Runs a task for each item on an empty database, several at once, to the end of all; fails with the first failure, which
 * names its item and all others that have failed.
 *
 * The databases are emptied and used again: hundreds of them would take longer to make than the tasks.
 */
export async function onEmptyDatabases<T>(
  server: PostgresServer,
  items: readonly T[],
  nameOf: (item: T) => string,
  task: (database: TestDatabase, item: T) => Promise<void>,
): Promise<void> {
  const failures: { readonly name: string; readonly error: Error }[] = [];
  // One iterator for all: each takes the next item from it.
  const queue = items.values();
  const work = async () => {
    const database = await server.createDatabase();
    for (const item of queue) {
      await task(database, item).catch((error: Error) => failures.push({ name: nameOf(item), error }));
      await empty(database);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const [first, ...others] = failures;
  if (!first) return;
  // The error itself, because it carries the difference between what was expected and what was found.
  first.error.message = [
    `${first.name}: ${first.error.message}`,
    ...others.map(({ name }) => `${name} failed too`),
  ].join("\n");
  throw first.error;
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
