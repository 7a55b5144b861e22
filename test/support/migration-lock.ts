import type { TestDatabase } from "./postgres.ts";

/** True where no session of the database holds an advisory lock: the migrator's is the only one that tests leave to it. */
export async function isLockFree(database: TestDatabase): Promise<boolean> {
  const rows = await database.query(
    `select from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.length === 0;
}
