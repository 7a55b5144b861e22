import pg from "pg";

/** Runs one query on a connection of its own. */
export async function query<R extends pg.QueryResultRow>(
  url: string,
  sql: string,
  values?: readonly unknown[],
): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql, values ? [...values] : undefined)).rows;
  } finally {
    await client.end();
  }
}
