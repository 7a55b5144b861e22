import type { Script } from "../files/script.ts";
import { placeOfOffset } from "../sql/place.ts";
import type { ApplyContext } from "./context.ts";
import { setsLockTimeout } from "./session-state.ts";
import { applyInTransaction } from "./transaction.ts";
import { applyUnits } from "./units.ts";

/** Applies one migration; returns when it is committed and the session is as it was before. */
export async function applyMigration(context: ApplyContext, script: Script): Promise<void> {
  const { log } = context;
  const { execution, file, statements, text } = script;
  if (setsLockTimeout(script, statements)) {
    log.warn({ migration: file.key }, "migration sets lock_timeout itself: the run's own limit does not hold in it");
  }
  for (const { start } of script.unconfirmed) {
    const { line } = placeOfOffset(text, start);
    log.warn({ migration: file.key, line }, "statement is unknown to the parser: judged by its words");
  }
  if (execution.kind === "transaction") return await applyInTransaction(context, script, execution.unit);
  log.info({ migration: file.key, reason: execution.reason }, "migration runs statement by statement");
  await applyUnits(context, script, execution.units);
}
