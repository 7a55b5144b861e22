import pg from "pg";
import { ownRoleStatements } from "../database/session-settings.ts";
import { MigrationFailedError } from "../errors.ts";
import type { Script } from "../files/script.ts";
import { displayName, quotedName } from "../history/table.ts";
import { type ApplyContext, FencedOffError } from "./context.ts";
import type { StatementError } from "./statement-error.ts";

/** Writes to the migration's own row in a transaction of its own, whatever role the file has set. */
export async function writeOwnRow(context: ApplyContext, script: Script, sql: string): Promise<void> {
  const { session, role } = context;
  try {
    await session.query(["begin", ...ownRoleStatements(role), sql, "commit"].join(";\n"));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    await session.query("rollback");
    throw (await judge(context, script, error)) ?? error;
  }
}

/** Recognises what failed in our own statements around a script; `undefined` for a failure of the script's own. */
export async function ownRowError(
  context: ApplyContext,
  script: Script,
  { database, culprit }: StatementError,
): Promise<Error | undefined> {
  return culprit.kind === "own" ? await judge(context, script, database) : undefined;
}

/**
 * The fence answers 23505. A row that is not as we left it answers with a division by zero, a table that is gone with
 * 42P01: either another runner has been at work, or the migration itself.
 */
async function judge(context: ApplyContext, script: Script, error: pg.DatabaseError): Promise<Error | undefined> {
  const { history, session } = context;
  const { key, path } = script.file;
  const isFence = error.code === "23505" && error.table === history.table && error.schema === history.schema;
  if (isFence) return new FencedOffError(key);
  if (error.code !== "22012" && error.code !== "42P01") return undefined;
  const [found] = await session.query<{ exists: boolean }>("select to_regclass($1) is not null as exists", [
    quotedName(history),
  ]);
  const isThere = found?.exists === true && (await rowExists(context, key));
  if (isThere && script.execution.kind === "units") return new FencedOffError(key);
  return new MigrationFailedError(`the migration removes or changes its own row in ${displayName(history)}`, {
    place: { migration: key, file: path },
    cause: error,
  });
}

async function rowExists({ session, history }: ApplyContext, key: string): Promise<boolean> {
  const sql = `select 1 from ${quotedName(history)} where set_name = $1 and key = $2`;
  return (await session.query(sql, [history.set, key])).length > 0;
}
