import { createHash } from "node:crypto";
import pg from "pg";
import { failureClass } from "../database/failure-class.ts";
import { ownRoleStatements, resetStatements } from "../database/session-settings.ts";
import { HistoryConflictError, MigrationFailedError } from "../errors.ts";
import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { quotedName } from "../history/table.ts";
import { advanceRow, finishRow, insertStarted, noteProgress, type Progress, refreshStarted } from "../history/write.ts";
import { excerpt, placeOfOffset } from "../sql/place.ts";
import { statementWords } from "../sql/statements.ts";
import {
  type ConcurrentIndex,
  indexesOf,
  isInvalid,
  parseConcurrentIndex,
  settleInterruptedBuild,
} from "./concurrent-index.ts";
import { lockTimeoutMs, runWithRetries } from "./contention.ts";
import { type ApplyContext, FencedOffError } from "./context.ts";
import { ownParts, type Part } from "./message.ts";
import { isSessionState, leavesSessionObjects } from "./session-state.ts";
import type { StatementError } from "./statement-error.ts";

/**
 * Applies a migration unit by unit, each of which commits by itself, and continues where an earlier run was stopped.
 *
 * An atomic unit commits together with the progress in its history row: exactly once. The others run at least once;
 * what is about to run is noted beforehand, so that the next run can tell what is left of it.
 */
export async function applyUnits(context: ApplyContext, script: Script, units: readonly Unit[]): Promise<void> {
  const { session, history, ownSettings, role } = context;
  const { file } = script;
  const started = await startedRow(context, script);
  if (!started) await insertRow(context, script, units.length);
  else await checkResumable(context, script, units, started);
  const done = started?.done ?? 0;
  for (const unit of units.slice(0, done)) await replaySessionState(context, script, unit);
  for (const [index, unit] of units.entries()) {
    if (index < done) continue;
    const interrupted = started?.progress?.running?.unit === index ? started.progress.running : undefined;
    const advance = advanceRow(history, file.key, index + 1, { doneDigest: digest(script, units.slice(0, index + 1)) });
    const ended = unit.atomic && !interrupted && (await runAtomicUnit(context, script, unit, advance));
    if (!ended) await runBareUnit(context, script, { units, index, unit, advance, interrupted });
  }
  const finish = [...ownRoleStatements(role), finishRow(history, file.key)];
  await session.query(["begin", ...finish, "commit", ...resetStatements(ownSettings, role)].join(";\n"));
}

interface StartedRow {
  readonly done: number;
  readonly progress: Progress | null;
}

async function startedRow({ session, history }: ApplyContext, { file }: Script): Promise<StartedRow | undefined> {
  const [row] = await session.query<{ done: number; progress: Progress | null }>(
    `select statements_done as done, progress from ${quotedName(history)} where set_name = $1 and key = $2`,
    [history.set, file.key],
  );
  return row;
}

async function insertRow({ session, history, runner }: ApplyContext, script: Script, total: number): Promise<void> {
  try {
    await session.query(insertStarted(history, script, runner, total));
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === "23505") throw new FencedOffError(script.file.key);
    throw error;
  }
}

/** What is done binds the file; the rest of it may have been corrected since. */
async function checkResumable(
  { session, history, log }: ApplyContext,
  script: Script,
  units: readonly Unit[],
  { done, progress }: StartedRow,
): Promise<void> {
  const { key, path } = script.file;
  const place = { migration: key, file: path };
  if (done > 0 && progress?.doneDigest !== digest(script, units.slice(0, done))) {
    throw new HistoryConflictError(
      `${path}: its first ${done} statements were applied and have been changed since`,
      place,
    );
  }
  const lost = units.slice(0, done).flatMap(({ statements }) => statements);
  const statement = lost.find((candidate) => leavesSessionObjects(statementWords(script.text, candidate)));
  if (statement) {
    const { line } = placeOfOffset(script.text, statement.start);
    throw new HistoryConflictError(
      `${path}:${line}: what this statement made lived in the interrupted session only, so the file cannot be continued`,
      { ...place, line },
    );
  }
  await session.query(refreshStarted(history, script, units.length));
  log.info(
    { migration: key, statementsDone: done, statementsTotal: units.length },
    "continuing an interrupted migration",
  );
}

async function replaySessionState({ session }: ApplyContext, { text }: Script, unit: Unit): Promise<void> {
  for (const statement of unit.statements) {
    if (isSessionState(statementWords(text, statement)))
      await session.query(text.slice(statement.start, statement.end));
  }
}

/** Answers false where the server says that the unit commits by itself, as a procedure may: nothing has happened then. */
async function runAtomicUnit(context: ApplyContext, script: Script, unit: Unit, advance: string): Promise<boolean> {
  const parts: Part[] = [
    ...ownParts("begin", ...unit.transactionModes, `set local lock_timeout = ${lockTimeoutMs(context, script)}`),
    partOf(unit),
    ...ownParts(...ownRoleStatements(context.role), advance, "commit"),
  ];
  const commitsItself = new Error("the unit commits by itself");
  const isCall = /^\s*(call|do)\b/i.test(unit.text);
  const translate = ({ database }: StatementError) => (isCall && database.code === "2D000" ? commitsItself : undefined);
  try {
    await runWithRetries(context, script, parts, { translate });
    return true;
  } catch (error) {
    if (error === commitsItself) return false;
    throw error;
  }
}

interface BareUnit {
  readonly units: readonly Unit[];
  readonly index: number;
  readonly unit: Unit;
  readonly advance: string;
  readonly interrupted: Progress["running"];
}

async function runBareUnit(context: ApplyContext, script: Script, bare: BareUnit): Promise<void> {
  const { session, history, log } = context;
  const { units, index, unit, advance, interrupted } = bare;
  const [statement] = unit.statements;
  if (!statement) return;
  const concurrentIndex = parseConcurrentIndex(script.text, statement);
  const indexesBefore =
    interrupted?.indexesBefore ?? (concurrentIndex ? await indexesOf(session, concurrentIndex.table) : undefined);
  const settle = async (): Promise<boolean> =>
    concurrentIndex !== undefined &&
    (await settleInterruptedBuild(session, concurrentIndex, indexesBefore ?? [], context));

  if (!interrupted) {
    const running = { unit: index, ...(indexesBefore && { indexesBefore }) };
    const note = noteProgress(history, script.file.key, index, {
      doneDigest: digest(script, units.slice(0, index)),
      running,
    });
    await asOwnRole(context, note);
  }
  if (!(interrupted && (await settle()))) {
    // A build that a lock timeout stops would leave an INVALID index: these statements wait as long as it takes.
    await session.query("set lock_timeout = 0");
    await runWithRetries(context, script, [partOf(unit)], {
      beforeRetry: async () => {
        await settle();
      },
      translate: (error) => goneAlready(error, unit, interrupted !== undefined),
    }).catch((error: unknown) => {
      if (!(error instanceof GoneAlready)) throw error;
      log.info({ migration: script.file.key }, "the interrupted statement had done its work");
    });
    if (concurrentIndex) await refuseInvalidIndex(context, script, unit, concurrentIndex);
  }
  await asOwnRole(context, advance);
}

class GoneAlready extends Error {}

/** `DROP INDEX CONCURRENTLY` that was interrupted after its work: there is nothing left to drop. */
function goneAlready({ database }: StatementError, unit: Unit, interrupted: boolean): Error | undefined {
  const gone =
    interrupted && /^\s*drop\b/i.test(unit.text) && ["42704", "42P01", "3D000"].includes(database.code ?? "");
  return gone && failureClass(database.code ?? "") ? new GoneAlready() : undefined;
}

async function refuseInvalidIndex(
  { session }: ApplyContext,
  script: Script,
  unit: Unit,
  index: ConcurrentIndex,
): Promise<void> {
  if (!(await isInvalid(session, index))) return;
  const place = placeOfOffset(script.text, unit.start);
  throw new MigrationFailedError(
    `index ${index.name} on ${index.table} exists and is INVALID, left by a build before this migration: drop it first`,
    {
      place: { migration: script.file.key, file: script.file.path, ...place },
      logFields: { excerpt: excerpt(script.text, place) },
    },
  );
}

async function asOwnRole({ session, role }: ApplyContext, sql: string): Promise<void> {
  await session.query(["begin", ...ownRoleStatements(role), sql, "commit"].join(";\n"));
}

function partOf(unit: Unit): Part {
  return { sql: unit.text, script: { start: unit.start, statements: unit.statements } };
}

/** Identifies units by their tokens: a comment or a space more does not change what has been done. */
function digest({ text }: Script, units: readonly Unit[]): string {
  const hash = createHash("sha256");
  for (const { statements } of units) {
    for (const statement of statements) hash.update(`${statementWords(text, statement).join(" ")};`);
  }
  return hash.digest("hex");
}
