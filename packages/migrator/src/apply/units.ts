import { ownRoleStatements } from "../database/session-settings.ts";
import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { advanceRow, finishRow, insertStarted } from "../history/write.ts";
import { runBareUnit } from "./bare-unit.ts";
import { lockTimeoutMs, runWithRetries } from "./contention.ts";
import type { ApplyContext } from "./context.ts";
import { interruptedUnits } from "./interrupted.ts";
import { ownParts } from "./message.ts";
import { transactionMessages } from "./messages.ts";
import { ownRowError, writeOwnRow } from "./own-row.ts";
import { type Interruption, readInterruption, resume } from "./resume.ts";
import { setsLockTimeout } from "./session-state.ts";
import type { StatementError } from "./statement-error.ts";
import { unitsDigest } from "./units-digest.ts";

/**
 * Applies a migration unit by unit, each of which commits by itself, and continues where an earlier run was stopped.
 *
 * An atomic unit commits together with the progress in its history row: exactly once. The others run at least once;
 * what is about to run is noted beforehand, so that the next run can tell what is left of it.
 */
export async function applyUnits(context: ApplyContext, script: Script, units: readonly Unit[]): Promise<void> {
  const { session, history, runner, hold } = context;
  const interruption = await readInterruption(context, script);
  const done = interruption ? await resume(context, script, units, interruption) : 0;
  if (!interruption) await writeOwnRow(context, script, insertStarted(history, script, runner, units.length));
  for (const [index, unit] of units.entries()) {
    if (index < done) continue;
    await applyUnit(context, script, units, index, unit, interruption).catch((error: unknown) => {
      throw interruptedUnits(context, script, { index, unit }) ?? error;
    });
  }
  // Otherwise the last of them has ended the row.
  if (done === units.length) await writeOwnRow(context, script, finishRow(history, script.file.key), units.length);
  await session.query(hold.resets.join("; "));
}

async function applyUnit(
  context: ApplyContext,
  script: Script,
  units: readonly Unit[],
  index: number,
  unit: Unit,
  interruption: Interruption | undefined,
): Promise<void> {
  const { history } = context;
  const { key } = script.file;
  const doneDigest = unitsDigest(script, units.slice(0, index + 1));
  const isLast = index === units.length - 1;
  const advance = [advanceRow(history, key, index + 1, { doneDigest }), ...(isLast ? [finishRow(history, key)] : [])];
  const running = interruption?.progress?.running;
  const wasRunning = running?.unit === index && running.digest === unitsDigest(script, [unit]);
  const ended = unit.atomic && !wasRunning && (await runAtomicUnit(context, script, units, index, unit, advance));
  if (ended) return;
  await context.stop.finish(() => runBareUnit(context, script, { units, index, unit, advance, wasRunning }));
}

/**
 * Answers false where the server says that the unit cannot be one transaction: a procedure that commits, `REINDEX TABLE`
 * of a partitioned table. Nothing has happened then.
 */
async function runAtomicUnit(
  context: ApplyContext,
  script: Script,
  units: readonly Unit[],
  index: number,
  unit: Unit,
  advance: readonly string[],
): Promise<boolean> {
  const before = units.slice(0, index).flatMap(({ statements }) => statements);
  const lockTimeout = setsLockTimeout(script, before)
    ? []
    : [`set local lock_timeout = ${lockTimeoutMs(context, script)}`];
  const head = ownParts("begin", ...unit.transactionModes, ...lockTimeout);
  const tail = ownParts(...ownRoleStatements(context.role), ...advance, "commit");
  const commitsItself = new Error("the unit commits by itself");
  const translate = async (error: StatementError) =>
    unit.statements.length === 1 && commitsByItself.has(error.database.code ?? "")
      ? commitsItself
      : await ownRowError(context, script, error, index);
  try {
    await runWithRetries(context, script, transactionMessages(script, unit, head, tail), { translate });
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
