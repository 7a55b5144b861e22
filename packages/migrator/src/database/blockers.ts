import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { isThisLock, keyHalves } from "./lock.ts";

/** A session that another one waits for. What this role may not see is null. */
export interface Blocker {
  readonly pid: number;
  readonly user: string | null;
  readonly applicationName: string | null;
  readonly state: string | null;
  readonly query: string | null;
}

/** A backend by its process number, or as the one that holds an advisory lock. */
export type WatchedBackend = number | { readonly lockKey: bigint };

const quietMs = 500;
const intervalMs = 1000;

/**
 * Runs `work`, and watches from a second connection who blocks a backend: by the time that a lock timeout is
 * reported, the server no longer knows.
 *
 * The connection is opened only when the work has run for half a second. Whatever fails here is passed over: a blocker
 * that stays unnamed is no reason to fail a migration.
 */
export async function watchBlockers<T>(
  config: () => pg.ClientConfig,
  backend: WatchedBackend,
  work: () => Promise<T>,
): Promise<{ readonly outcome: PromiseSettledResult<T>; readonly blockers: readonly Blocker[] }> {
  const finished = new AbortController();
  const sampling = sampleBlockers(config, backend, finished.signal);
  const [outcome] = await Promise.allSettled([work()]);
  finished.abort();
  return { outcome, blockers: outcome.status === "rejected" ? await sampling : [] };
}

async function sampleBlockers(
  config: () => pg.ClientConfig,
  backend: WatchedBackend,
  finished: AbortSignal,
): Promise<Blocker[]> {
  const byPid = typeof backend === "number";
  const values = byPid ? [backend] : keyHalves(backend.lockKey);
  const sql = blockersQuery(byPid ? "$1" : `(select l.pid from pg_catalog.pg_locks l where ${isThisLock})`);
  let blockers: Blocker[] = [];
  let client: pg.Client | undefined;
  try {
    await delay(quietMs, undefined, { signal: finished, ref: false });
    client = new pg.Client({ ...config(), connectionTimeoutMillis: 3000, query_timeout: 3000 });
    client.on("error", () => undefined);
    await client.connect();
    while (!finished.aborted) {
      const { rows } = await client.query<Blocker>(sql, [...values]);
      if (rows.length > 0) blockers = rows;
      await delay(intervalMs, undefined, { signal: finished, ref: false });
    }
  } catch {
    // The work has ended, or there is no second connection to be had.
  }
  await client?.end().catch(() => undefined);
  return blockers;
}

const blockersQuery = (pid: string) => `
  select a.pid, a.usename as "user", a.application_name as "applicationName", a.state, left(a.query, 200) as query
    from unnest(pg_catalog.pg_blocking_pids(${pid})) as blocking(pid)
    join pg_catalog.pg_stat_activity a on a.pid = blocking.pid`;
