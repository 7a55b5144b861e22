import pg from "pg";
import type { Logger } from "pino";

export interface Database {
  readonly query: <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[]) => Promise<Row[]>;
  /** True when the database answers a trivial query in time. */
  readonly isReady: () => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const readyTimeoutMs = 1500;

/** A small pool with an end to every wait: many replicas share one server, and no request hangs on a silent one. */
export function openDatabase(url: string, log: Logger): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "blog",
    max: 5,
    connectionTimeoutMillis: 3000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 5000,
    query_timeout: 6000,
  });
  // An idle connection that breaks is replaced by the next query; without a listener it would end the process.
  pool.on("error", (err) => log.warn({ err }, "lost an idle database connection"));

  return {
    query: async (sql, values) => (await pool.query(sql, [...values])).rows,
    isReady: () =>
      within(
        readyTimeoutMs,
        pool.query("select 1").then(
          () => true,
          (err: unknown) => {
            log.warn({ err }, "the database is not ready");
            return false;
          },
        ),
      ),
    close: () => pool.end(),
  };
}

async function within(timeoutMs: number, answer: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
