import { ownRoleStatements, resetStatements } from "../database/session-settings.ts";
import { MigrationFailedError } from "../errors.ts";
import type { Unit } from "../files/execution.ts";
import { changesStringSyntax, type Script } from "../files/script.ts";
import { displayName } from "../history/table.ts";
import { finishRow, insertStarted, storedScriptLimit } from "../history/write.ts";
import { lockTimeoutMs, runWithRetries } from "./contention.ts";
import { type ApplyContext, FencedOffError } from "./context.ts";
import { commandsBefore, messageOf, ownParts, type Part, partOf } from "./message.ts";
import { migrationFailed, type StatementError, statementError } from "./statement-error.ts";

/**
 * Applies a migration in one transaction and one message, exactly once.
 *
 * Its history row goes in first: of two runners that both believe to hold the lock, one waits there and then fails.
 *
 * @throws FencedOffError when another runner was first
 */
export async function applyInTransaction(context: ApplyContext, script: Script, unit: Unit): Promise<void> {
  const head = headParts(context, script, unit);
  const tail = tailParts(context, script);
  const translate = (error: StatementError) => ownFailure(context, script, error, head.length);
  if (mustRunStatementwise(script)) return await applyStatementwise(context, script, unit, head, tail);
  const parts = [...head, partOf(unit), ...tail];
  const tags = await runWithRetries(context, script, parts, { translate });
  const commit = tags[commandsBefore(parts, parts.length) - 1 - resetCount(context)];
  if (commit !== "COMMIT" || !context.session.idle) {
    throw new Error(`unexpected end of ${script.file.key}: ${JSON.stringify(tags.slice(-20))}`);
  }
}

function resetCount({ ownSettings, role }: ApplyContext): number {
  return resetStatements(ownSettings, role).length;
}

function headParts(context: ApplyContext, script: Script, unit: Unit): Part[] {
  const { history, runner } = context;
  return ownParts(
    "begin",
    ...unit.transactionModes,
    `set local lock_timeout = ${lockTimeoutMs(context, script)}`,
    insertStarted(history, script, runner, unit.statements.length),
  );
}

function tailParts({ history, ownSettings, role }: ApplyContext, script: Script): Part[] {
  return ownParts(
    ...ownRoleStatements(role),
    finishRow(history, script.file.key),
    "commit",
    ...resetStatements(ownSettings, role),
  );
}

/** The server reads a whole message before it runs any of it, so that a setting for its scanner would come too late. */
function mustRunStatementwise(script: Script): boolean {
  return script.text.length > storedScriptLimit || changesStringSyntax(script.text, script.statements);
}

/** The same transaction, one message a statement. Not tried again in process: the Job does that. */
async function applyStatementwise(
  context: ApplyContext,
  script: Script,
  unit: Unit,
  head: readonly Part[],
  tail: readonly Part[],
): Promise<void> {
  const run = async (parts: readonly Part[], headLength: number): Promise<void> => {
    try {
      await context.session.run(messageOf(parts));
    } catch (thrown) {
      const error = statementError(thrown, parts);
      if (!error) throw thrown;
      await context.session.query("rollback");
      throw ownFailure(context, script, error, headLength) ?? migrationFailed(script, error);
    }
  };
  await run(head, head.length);
  for (const statement of unit.statements) {
    const sql = script.text.slice(statement.start, statement.end);
    await run([{ sql, script: { start: statement.start, statements: [statement] } }], 0);
  }
  await run(tail, 0);
}

/** Recognises failures of our own statements around the script. */
function ownFailure(
  { history }: ApplyContext,
  script: Script,
  { database, culprit }: StatementError,
  headLength: number,
): Error | undefined {
  if (culprit.kind !== "own") return undefined;
  const fence = culprit.part < headLength && database.code === "23505";
  if (fence && database.table === history.table && database.schema === history.schema) {
    return new FencedOffError(script.file.key);
  }
  // Division by zero is how the finishing statement says that there is no row to finish.
  if (culprit.part >= headLength && (database.code === "22012" || database.code === "42P01")) {
    return new MigrationFailedError(`the migration removes or changes its own row in ${displayName(history)}`, {
      place: { migration: script.file.key, file: script.file.path },
      cause: database,
    });
  }
  return undefined;
}
