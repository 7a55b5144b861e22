import type { Blocker } from "../database/activity.ts";
import { failureClass } from "../database/failure-class.ts";
import type { ScriptResult } from "../database/script-query.ts";
import { type MigratorError, TransientError } from "../errors.ts";
import { encodedText, type OpenScript } from "../files/open-script.ts";
import type { Script } from "../files/script.ts";
import { backoffMs } from "../wait-budget.ts";
import type { ApplyContext } from "./context.ts";
import { messageOf, type Part } from "./message.ts";
import type { Messages } from "./messages.ts";
import {
  blockerFields,
  failurePlace,
  migrationFailed,
  type StatementError,
  statementError,
} from "./statement-error.ts";

/**
 * Sends messages one after the other, and all of them again, within the wait budget, when another transaction is in
 * their way (lock timeout, deadlock, serialization): whoever calls this vouches that they are all or nothing.
 *
 * `beforeRetry` runs between attempts, and answers true where nothing is left to try. Errors that the
 * caller knows better are answered by `translate`. Returns the result of the last message.
 *
 * @throws MigrationFailedError, TransientError, or what `translate` returns
 */
export async function runWithRetries(
  context: ApplyContext,
  script: OpenScript,
  messages: Messages,
  options: {
    readonly translate?: (error: StatementError) => Error | undefined | Promise<Error | undefined>;
    readonly beforeRetry?: () => Promise<boolean>;
  } = {},
): Promise<ScriptResult> {
  const { session, hold, sampler, monitor, log, budget, signal } = context;
  for (let attempt = 0; ; attempt++) {
    let current: readonly Part[] = [];
    let failure: unknown;
    monitor.attempt(attempt + 1);
    try {
      let result = nothing;
      for (current of messages()) {
        monitor.sends(current);
        const data = current.find((part) => part.script?.data)?.script?.data;
        result = await session.run(messageOf(current), data && encodedText(script, data));
      }
      return result;
    } catch (error) {
      failure = error;
    }
    // The rollback will be another message.
    const { blockers } = sampler;
    const error = statementError(failure, script, current);
    if (!error) throw failure;
    await session.rollback(hold.afterFailure);
    const final = (await options.translate?.(error)) ?? finalError(context, script, error, blockers);
    if (final) throw final;
    const fields = { ...failurePlace(script, error), reason: error.database.message, ...blockerFields(blockers) };
    log.warn({ ...fields, attempt: attempt + 1 }, "migration is blocked, trying again");
    // The statement itself is not charged, but the time that it stood in the queue is waiting.
    if (error.database.code === "55P03") budget.charge(lockTimeoutMs(context, script));
    await budget.sleep(backoffMs(attempt, 250, 30_000), signal);
    if (await options.beforeRetry?.()) return nothing;
  }
}

const nothing: ScriptResult = { tags: [], observations: [] };

/** The lock timeout that holds for a script's statements. */
export function lockTimeoutMs(context: ApplyContext, script: Script): number {
  return script.directives.lockTimeoutMs ?? context.lockTimeoutMs;
}

/** `undefined` where another attempt is due. */
function finalError(
  { budget }: ApplyContext,
  script: Script,
  error: StatementError,
  blockers: readonly Blocker[],
): MigratorError | undefined {
  const kind = failureClass(error.database.code ?? "");
  const contention = kind === "contention" && script.directives.retry;
  if (contention && !budget.exhausted) return undefined;
  if (!contention && kind !== "resources" && kind !== "not-yet") return migrationFailed(script, error);
  const who = blockers.map(
    ({ pid, applicationName }) => `process ${pid} (${applicationName || "unnamed application"})`,
  );
  const reason = contention
    ? `was blocked for the whole wait budget${who.length > 0 ? ` by ${who.join(", ")}` : ""}: ${error.database.message}`
    : `stopped: ${error.database.message}`;
  return new TransientError(`migration ${script.file.key} ${reason}`, {
    cause: error.database,
    place: failurePlace(script, error),
    logFields: blockerFields(blockers),
  });
}
