import { openScript } from "../files/open-script.ts";
import type { Script } from "../files/script.ts";
import { linesOfOffsets } from "../sql/place.ts";
import type { ApplyContext } from "./context.ts";
import { applyInTransaction } from "./transaction.ts";
import { applyUnits } from "./units.ts";

/**
 * Applies one migration; returns when it is committed and the session is as it was before.
 *
 * @throws FileChangedError where its file is not what was parsed any more
 */
export async function applyMigration(context: ApplyContext, script: Script): Promise<void> {
  const { log } = context;
  const { execution, file } = script;
  using open = openScript(script);
  if (script.setsLockTimeout) {
    log.warn({ migration: file.key }, "migration sets lock_timeout itself: the run's own limit does not hold in it");
  }
  for (const line of linesOfOffsets(open.source.textFrom(0), script.unconfirmed)) {
    log.warn({ migration: file.key, line }, "statement is unknown to the parser: judged by its words");
  }
  if (execution.kind === "transaction") return await applyInTransaction(context, open, execution);
  log.info({ migration: file.key, reason: execution.reason }, "migration runs statement by statement");
  await applyUnits(context, open, execution.units);
}
