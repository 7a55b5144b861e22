import type { Logger } from "@migration-gate/cli-runtime/logger";
import { ReadOnlyDatabaseError, UnsupportedServerError } from "../errors.ts";
import type { ServerInfo } from "../history/read.ts";

const oldest = 15;
const newestTested = 18;

/** The server is a standby or still recovering: perhaps a failover is going on. */
export class NotWritableYetError extends Error {
  override readonly name = "NotWritableYetError";
}

/**
 * Refuses servers that speak PostgreSQL's protocol without keeping its promises (transactional DDL, advisory locks).
 *
 * @throws UnsupportedServerError
 */
export function checkServer({ version, versionNumber }: ServerInfo, log: Logger): void {
  const other = /CockroachDB|YugabyteDB|-YB-|Redshift/i.exec(version)?.[0];
  if (other) {
    throw new UnsupportedServerError(
      `the server is ${other === "-YB-" ? "YugabyteDB" : other}, which is not supported: only PostgreSQL is`,
    );
  }
  const major = Math.floor(versionNumber / 10_000);
  if (major < oldest)
    throw new UnsupportedServerError(`the server is PostgreSQL ${major}; ${oldest} or newer is needed`);
  if (major > newestTested)
    log.warn({ serverVersion: major }, "the server is newer than what this version was tested with");
}

/**
 * Refuses to begin where nothing can be written.
 *
 * @throws NotWritableYetError on a standby, ReadOnlyDatabaseError elsewhere
 */
export function checkWritable({ inRecovery, readOnly, database }: ServerInfo): void {
  if (inRecovery) throw new NotWritableYetError("the server is in recovery (a standby, or just starting)");
  if (!readOnly) return;
  throw new ReadOnlyDatabaseError(
    `transactions on database ${database} are read-only (default_transaction_read_only of the role, the database or the server)`,
  );
}
