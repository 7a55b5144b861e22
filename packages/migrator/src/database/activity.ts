import type pg from "pg";
import { maskLiterals } from "../sql/mask-secrets.ts";
import { isThisLock, keyHalves } from "./lock.ts";
import type { Session } from "./session.ts";

/** A backend by its process number, or as the one that holds an advisory lock. */
export type WatchedBackend = number | { readonly lockKey: bigint };

/** What a backend does at one moment. */
export interface Activity {
  /** As PostgreSQL names it: `Lock: relation`, `IO: DataFileRead`; null while it computes. */
  readonly waitEvent: string | null;
  readonly awaitedLock: AwaitedLock | null;
  /** What the server tells about the progress of the few commands that it follows. */
  readonly operation: Operation | null;
}

export interface AwaitedLock {
  /** As pg_locks names its kind: `relation`, `transactionid`, `virtualxid`, … */
  readonly lock: string;
  readonly mode: string;
  readonly relation: string | null;
  /** Null in the first moment. */
  readonly waitedMs: number | null;
  readonly blockers: readonly Blocker[];
}

/** A session that another one waits for. What this role may not see is null. */
export interface Blocker {
  /** 0 for a prepared transaction. */
  readonly pid: number;
  readonly user: string | null;
  readonly applicationName: string | null;
  readonly state: string | null;
  /** The age of its transaction. */
  readonly transactionMs: number | null;
  /** Its beginning, without literals; for the container's log alone. */
  readonly query: string | null;
}

export interface Operation {
  readonly command: string;
  readonly phase: string | null;
  /** Of the phase, rounded down; null where the server does not count. */
  readonly percent: number | null;
}

interface ActivityRow extends pg.QueryResultRow {
  readonly waitEvent: string | null;
  readonly awaitedLock: Omit<AwaitedLock, "blockers"> | null;
  readonly blockers: readonly Blocker[] | null;
  readonly operation: (Omit<Operation, "percent"> & { readonly done: number; readonly total: number }) | null;
}

/** Asks, from another session, what a backend does; `undefined` where there is no such backend. */
export async function readActivity(observer: Session, backend: WatchedBackend): Promise<Activity | undefined> {
  const byPid = typeof backend === "number";
  const [row] = await observer.query<ActivityRow>(
    activityQuery(byPid ? "$1" : `(select l.pid from pg_catalog.pg_locks l where ${isThisLock})`),
    byPid ? [backend] : keyHalves(backend.lockKey),
  );
  if (!row) return undefined;
  const { waitEvent, awaitedLock, blockers, operation } = row;
  const shown = (blockers ?? []).map((blocker) => ({ ...blocker, query: blocker.query && shownQuery(blocker.query) }));
  return {
    waitEvent,
    awaitedLock: awaitedLock && { ...awaitedLock, blockers: shown },
    operation: operation && {
      command: operation.command,
      phase: operation.phase,
      percent: percentOf(operation.done, operation.total),
    },
  };
}

/** How much of `total` is done, in whole percent rounded down; null where the total is not known. */
export function percentOf(done: number, total: number): number | null {
  return total > 0 ? Math.max(0, Math.min(100, Math.floor((100 * done) / total))) : null;
}

function shownQuery(query: string): string {
  return maskLiterals(query).slice(0, 200);
}

/**
 * The progress views show sessions of the same role to everybody, and pg_stat_activity most of them. Who blocks is asked
 * only for a backend that waits: it takes every partition of the server's lock table.
 */
const activityQuery = (pid: string) => `
  select nullif(concat_ws(': ', a.wait_event_type, a.wait_event), '') as "waitEvent",
         (select json_build_object('lock', l.locktype, 'mode', l.mode, 'relation', ${relationName},
                                   'waitedMs', ${ageMs("l.waitstart")})
            from pg_catalog.pg_locks l
           where a.wait_event_type = 'Lock' and l.pid = a.pid and not l.granted limit 1) as "awaitedLock",
         (select json_agg(json_build_object(
                   'pid', blocking.pid, 'user', b.usename, 'applicationName', b.application_name,
                   'state', case blocking.pid when 0 then 'prepared transaction' else b.state end,
                   'transactionMs', ${ageMs("b.xact_start")},
                   'query', nullif(b.query, '<insufficient privilege>')) order by b.xact_start)
            from (select distinct pid from unnest(pg_catalog.pg_blocking_pids(
                    case a.wait_event_type when 'Lock' then a.pid end)) as pid) as blocking
            left join pg_catalog.pg_stat_activity b on b.pid = blocking.pid) as blockers,
         (select row_to_json(p) from (${progressViews}) p limit 1) as operation
    from pg_catalog.pg_stat_activity a
   where a.pid = ${pid}`;

const ageMs = (since: string) => `round(1000 * extract(epoch from pg_catalog.clock_timestamp() - ${since}))`;

const relationName = `(
             select format('%I.%I', n.nspname, c.relname)
               from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              where c.oid = l.relation)`;

/** https://www.postgresql.org/docs/current/progress-reporting.html */
const progressViews = `
    select command, phase,
           case when phase like '%tuples in tree' then tuples_done when phase like '%scanning%' then blocks_done end as done,
           case when phase like '%tuples in tree' then tuples_total when phase like '%scanning%' then blocks_total end as total
      from pg_catalog.pg_stat_progress_create_index where pid = a.pid
    union all
    select 'VACUUM', phase, case phase when 'vacuuming heap' then heap_blks_vacuumed else heap_blks_scanned end,
           case when phase in ('scanning heap', 'vacuuming heap') then heap_blks_total end
      from pg_catalog.pg_stat_progress_vacuum where pid = a.pid
    union all
    select command, phase, heap_blks_scanned, case phase when 'seq scanning heap' then heap_blks_total end
      from pg_catalog.pg_stat_progress_cluster where pid = a.pid
    union all
    select 'ANALYZE', phase, sample_blks_scanned, case phase when 'acquiring sample rows' then sample_blks_total end
      from pg_catalog.pg_stat_progress_analyze where pid = a.pid
    union all
    select command, format('%s rows', tuples_processed), bytes_processed, bytes_total
      from pg_catalog.pg_stat_progress_copy where pid = a.pid`;
