import { ownRoleStatements } from "../database/session-settings.ts";
import type { OpenScript } from "../files/open-script.ts";
import { advanceRow, finishRow, insertStarted } from "../history/write.ts";
import { runBareUnit } from "./bare-unit.ts";
import { lockTimeoutMs, runWithRetries } from "./contention.ts";
import type { ApplyContext } from "./context.ts";
import { interruptedUnits } from "./interrupted.ts";
import { ownParts } from "./message.ts";
import { unitMessages } from "./messages.ts";
import { ownRowError, writeOwnRow } from "./own-row.ts";
import { type Interruption, readInterruption, resume } from "./resume.ts";
import type { StatementError } from "./statement-error.ts";
import { type PlacedUnit, readPlacedUnits, unitDigest } from "./units-digest.ts";

/**
 * Applies a migration unit by unit, each of which commits by itself, and continues where an earlier run was stopped.
 *
 * An atomic unit commits together with the progress in its history row: exactly once. The others run at least once;
 * what is about to run is noted beforehand, so that the next run can tell what is left of it.
 */
export async function applyUnits(context: ApplyContext, script: OpenScript, units: number): Promise<void> {
  const { session, history, runner, hold } = context;
  const interruption = await readInterruption(context, script);
  const done = interruption ? await resume(context, script, units, interruption) : 0;
  if (!interruption) await writeOwnRow(context, script, insertStarted(history, script, runner, units));
  for (const unit of readPlacedUnits(script)) {
    if (unit.index < done) continue;
    await applyUnit(context, script, units, unit, interruption).catch((error: unknown) => {
      throw interruptedUnits(context, script, unit) ?? error;
    });
  }
  // Otherwise the last of them has ended the row.
  if (done === units) await writeOwnRow(context, script, finishRow(history, script.file.key), units);
  await session.query(hold.resets.join("; "));
}

async function applyUnit(
  context: ApplyContext,
  script: OpenScript,
  units: number,
  unit: PlacedUnit,
  interruption: Interruption | undefined,
): Promise<void> {
  const { history } = context;
  const { key } = script.file;
  const { index, digest: doneDigest } = unit;
  const isLast = index === units - 1;
  const advance = [advanceRow(history, key, index + 1, { doneDigest }), ...(isLast ? [finishRow(history, key)] : [])];
  const running = interruption?.progress?.running;
  const wasRunning = running?.unit === index && running.digest === unitDigest(script, unit);
  const ended = unit.atomic && !wasRunning && (await runAtomicUnit(context, script, unit, advance));
  if (ended) return;
  await context.stop.finish(() => runBareUnit(context, script, { unit, advance, wasRunning }));
}

/**
 * Answers false where the server says that the unit cannot be one transaction: a procedure that commits, `REINDEX TABLE`
 * of a partitioned table. Nothing has happened then.
 */
async function runAtomicUnit(
  context: ApplyContext,
  script: OpenScript,
  unit: PlacedUnit,
  advance: readonly string[],
): Promise<boolean> {
  const lockTimeout = unit.lockTimeoutSet ? [] : [`set local lock_timeout = ${lockTimeoutMs(context, script)}`];
  const head = ownParts("begin", ...unit.transactionModes, ...lockTimeout);
  const tail = ownParts(...ownRoleStatements(context.role), ...advance, "commit");
  const commitsItself = new Error("the unit commits by itself");
  const translate = async (error: StatementError) =>
    unit.statements.length === 1 && commitsByItself.has(error.database.code ?? "")
      ? commitsItself
      : await ownRowError(context, script, error, unit.index);
  try {
    await runWithRetries(context, script, unitMessages(unit, head, tail), { translate });
    return true;
  } catch (error) {
    if (error === commitsItself) return false;
    throw error;
  }
}

const commitsByItself = new Set([
  "2D000", // COMMIT in a procedure or DO block
  "25001", // PreventInTransactionBlock
]);
