import pg from "pg";
import type { Session } from "../database/session.ts";
import { HistoryAccessError } from "../errors.ts";
import { type HistoryRow, parseRow } from "./row.ts";
import { displayName, type HistoryTable, quotedName } from "./table.ts";

export interface ServerInfo {
  readonly version: string;
  readonly versionNumber: number;
  readonly inRecovery: boolean;
  readonly readOnly: boolean;
  readonly database: string;
  readonly role: string;
  /** The process number of the backend that answered. */
  readonly pid: number;
}

export interface HistoryReading {
  /** By the database's clock, and no later than the rows were read: ISO 8601, UTC. */
  readonly readAt: string;
  /** Empty where the history does not exist yet. */
  readonly rows: readonly HistoryRow[];
}

export interface Inspection extends HistoryReading {
  readonly server: ServerInfo;
  readonly historyExists: boolean;
}

/**
 * Reads all that a decision needs in one message: what the server is, and what was applied.
 *
 * Limits that the role carries are lifted for the message alone, and nobody waits here longer than five seconds for
 * someone who locks the history.
 */
export async function inspect(session: Session, history: HistoryTable): Promise<Inspection> {
  const prologue = `select pg_catalog.set_config('lock_timeout', '5s', true), pg_catalog.set_config('statement_timeout', '0', true);
    select version() as version, current_setting('server_version_num')::int as "versionNumber",
           pg_is_in_recovery() as "inRecovery", current_setting('transaction_read_only') = 'on' as "readOnly",
           current_database() as database, current_user as role, pg_backend_pid() as pid; ${clockQuery}`;
  try {
    const [, servers, clock, rows] = await session.queryAll(`${prologue}; ${rowsQuery(history)}`);
    return { server: servers?.[0] as ServerInfo, ...reading(history, clock, rows), historyExists: true };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const [, servers, clock] = await session.queryAll(prologue);
    const server = servers?.[0] as ServerInfo;
    if (error.code === "42P01" || error.code === "3F000")
      return { server, ...reading(history, clock, []), historyExists: false };
    if (error.code === "42501" || error.code === "42703")
      throw new HistoryAccessError(displayName(history), server.role, error);
    throw error;
  }
}

/** Reads the history again, under the lock. */
export async function readHistory(session: Session, history: HistoryTable): Promise<HistoryReading> {
  const [clock, rows] = await session.queryAll(`${clockQuery}; ${rowsQuery(history)}`);
  return reading(history, clock, rows);
}

/** Reads the stored scripts of some migrations; a script that was too large to keep is absent. */
export async function readScripts(
  session: Session,
  history: HistoryTable,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ key: string; script: string | null }>(
    `select key, script from ${quotedName(history)} where set_name = $1 and key = any($2)`,
    [history.set, keys],
  );
  return new Map(rows.flatMap(({ key, script }) => (script === null ? [] : [[key, script] as const])));
}

/** Comes before the rows: what they do not show yet was not finished at this moment. */
const clockQuery = `select pg_catalog.clock_timestamp() as "readAt"`;

function reading(
  history: HistoryTable,
  clock: pg.QueryResultRow[] = [],
  rows: pg.QueryResultRow[] = [],
): HistoryReading {
  const [{ readAt }] = clock as [{ readAt: Date }];
  return { readAt: readAt.toISOString(), rows: rows.map((row) => parseRow(row, displayName(history))) };
}

function rowsQuery(history: HistoryTable): string {
  return `select key, version, checksum, state, breaking, finished_at from ${quotedName(history)}
    where set_name = ${pg.escapeLiteral(history.set)} order by applied_order`;
}
