import { ownRoleStatements } from "../database/session-settings.ts";
import type { Execution } from "../files/execution.ts";
import type { OpenScript } from "../files/open-script.ts";
import { finishRow, insertStarted } from "../history/write.ts";
import { lockTimeoutMs, runWithRetries } from "./contention.ts";
import type { ApplyContext } from "./context.ts";
import { interruptedTransaction } from "./interrupted.ts";
import { ownParts } from "./message.ts";
import { transactionMessages } from "./messages.ts";
import { ownRowError } from "./own-row.ts";
import type { StatementError } from "./statement-error.ts";
import { observeTableLocks, warnOfTableLocks } from "./table-locks.ts";

/**
 * Applies a migration in one transaction and, where that is possible, one message, exactly once.
 *
 * Its history row goes in first: of two runners that both believe to hold the lock, one waits there and then fails.
 *
 * @throws FencedOffError when another runner was first
 */
export async function applyInTransaction(
  context: ApplyContext,
  script: OpenScript,
  { transactionModes, ownControl }: Extract<Execution, { kind: "transaction" }>,
): Promise<void> {
  const { session, history, runner, hold, role } = context;
  const head = ownParts(
    "begin",
    ...transactionModes,
    ...hold.guards,
    `set local lock_timeout = ${lockTimeoutMs(context, script)}`,
    insertStarted(history, script, runner, script.statements - ownControl.length),
  );
  const look = script.mayLockSeveralTables ? [observeTableLocks] : [];
  const finish = [...ownRoleStatements(role), ...look, finishRow(history, script.file.key), "commit"];
  const tail = ownParts(...finish, ...hold.resets);
  const messages = transactionMessages(script, head, tail);
  const translate = (error: StatementError) => ownRowError(context, script, error);
  const { tags, observations } = await runWithRetries(context, script, messages, { translate }).catch(
    (error: unknown) => {
      throw interruptedTransaction(context, script) ?? error;
    },
  );
  // Everything that can fail has been answered with an error: this holds as long as our own message is right.
  if (tags.at(-1 - hold.resets.length) !== "COMMIT" || !session.idle) {
    throw new Error(`${script.file.key} did not end with its COMMIT: ${JSON.stringify(tags.slice(-20))}`);
  }
  warnOfTableLocks(context.log, script, observations);
}
