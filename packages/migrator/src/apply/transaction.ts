import { ownRoleStatements, resetStatements } from "../database/session-settings.ts";
import type { Unit } from "../files/execution.ts";
import { changesStringSyntax, type Script } from "../files/script.ts";
import { finishRow, insertStarted, storedScriptLimit } from "../history/write.ts";
import { lockTimeoutMs, runWithRetries } from "./contention.ts";
import type { ApplyContext } from "./context.ts";
import { ownParts, type Part, partOf } from "./message.ts";
import { ownRowError } from "./own-row.ts";

/**
 * Applies a migration in one transaction and one message, exactly once.
 *
 * Its history row goes in first: of two runners that both believe to hold the lock, one waits there and then fails.
 *
 * @throws FencedOffError when another runner was first
 */
export async function applyInTransaction(context: ApplyContext, script: Script, unit: Unit): Promise<void> {
  const { session, history, runner, ownSettings, role } = context;
  const resets = resetStatements(ownSettings, role);
  const head = ownParts(
    "begin",
    ...unit.transactionModes,
    `set local lock_timeout = ${lockTimeoutMs(context, script)}`,
    insertStarted(history, script, runner, unit.statements.length),
  );
  const tail = ownParts(...ownRoleStatements(role), finishRow(history, script.file.key), "commit", ...resets);
  const messages = mustRunStatementwise(script)
    ? [head, ...statementParts(script, unit).map((part) => [part]), tail]
    : [[...head, partOf(unit), ...tail]];
  const tags = await runWithRetries(context, script, messages, {
    translate: (error) => ownRowError(context, script, error),
  });
  // Everything that can fail has been answered with an error: this holds as long as our own message is right.
  if (tags.at(-1 - resets.length) !== "COMMIT" || !session.idle) {
    throw new Error(`${script.file.key} did not end with its COMMIT: ${JSON.stringify(tags.slice(-20))}`);
  }
}

/** The server reads a whole message before it runs any of it, so that a setting for its scanner would come too late. */
function mustRunStatementwise(script: Script): boolean {
  return script.text.length > storedScriptLimit || changesStringSyntax(script.text, script.statements);
}

function statementParts({ text }: Script, unit: Unit): Part[] {
  return unit.statements.map((statement) => ({
    sql: text.slice(statement.start, statement.end),
    script: { start: statement.start, statements: [statement] },
  }));
}
