import pg from "pg";
import { isLockHeld } from "../database/lock.ts";
import { ownRoleStatements } from "../database/session-settings.ts";
import { HistoryAccessError, MigrationFailedError } from "../errors.ts";
import type { Script } from "../files/script.ts";
import { displayName, quotedName } from "../history/table.ts";
import { type ApplyContext, FencedOffError, LockHeldError } from "./context.ts";
import type { StatementError } from "./statement-error.ts";

/**
 * Writes to the migration's own row in a transaction of its own, whatever role the file has set.
 *
 * `done` is the number of units that the row is known to count.
 */
export async function writeOwnRow(context: ApplyContext, script: Script, sql: string, done?: number): Promise<void> {
  const { session, role } = context;
  try {
    await session.query(["begin", ...ownRoleStatements(role), sql, "commit"].join(";\n"));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await session.rollback();
    throw (await judge(context, script, error, done)) ?? error;
  }
}

/** Recognises what failed in our own statements around a script; `undefined` for a failure of the script's own. */
export async function ownRowError(
  context: ApplyContext,
  script: Script,
  { database, culprit }: StatementError,
  done?: number,
): Promise<Error | undefined> {
  return culprit.kind === "own" ? await judge(context, script, database, done) : undefined;
}

/**
 * The fence answers 23505, a role that may only read 42501. A row that is not as we left it answers with a division by
 * zero, a table that is gone with 42P01. Our transaction is rolled back by now, so what is still different is the work of
 * another runner.
 */
async function judge(
  context: ApplyContext,
  script: Script,
  error: pg.DatabaseError,
  done: number | undefined,
): Promise<Error | undefined> {
  if (isLockHeld(error)) return new LockHeldError(error.message, { cause: error });
  const { history } = context;
  const { key, path } = script.file;
  const isFence = error.code === "23505" && error.table === history.table && error.schema === history.schema;
  if (isFence) return new FencedOffError(key);
  if (error.code === "42501") return await accessError(context, error);
  if (error.code !== "22012" && error.code !== "42P01") return undefined;
  const counted = await countedUnits(context, key);
  if (counted !== undefined && done !== undefined && counted !== done) return new FencedOffError(key);
  return new MigrationFailedError(`the migration removes or changes its own row in ${displayName(history)}`, {
    place: { migration: key, file: path },
    cause: error,
  });
}

async function accessError({ session, history }: ApplyContext, error: pg.DatabaseError): Promise<HistoryAccessError> {
  const [row] = await session.query<{ role: string }>("select current_user as role");
  return new HistoryAccessError(displayName(history), row?.role ?? "", error);
}

/** `undefined` where there is no row, or no history any more. */
async function countedUnits({ session, history }: ApplyContext, key: string): Promise<number | undefined> {
  const [found] = await session.query<{ exists: boolean }>("select to_regclass($1) is not null as exists", [
    quotedName(history),
  ]);
  if (!found?.exists) return undefined;
  const [row] = await session.query<{ done: number }>(
    `select statements_done as done from ${quotedName(history)} where set_name = $1 and key = $2`,
    [history.set, key],
  );
  return row?.done;
}
