import { HistoryConflictError } from "../errors.ts";
import type { OpenScript, ScriptStatement } from "../files/open-script.ts";
import type { Script } from "../files/script.ts";
import { quotedName } from "../history/table.ts";
import { advanceRow, type Progress, refreshStarted } from "../history/write.ts";
import { locate } from "../sql/place.ts";
import { statementWords } from "../sql/statements.ts";
import type { ApplyContext } from "./context.ts";
import { settleLeftovers } from "./leftovers.ts";
import { writeOwnRow } from "./own-row.ts";
import { isSessionState, leavesSessionObjects } from "./session-state.ts";
import { emptyDigest, type PlacedUnit, readPlacedUnits, unitDigest } from "./units-digest.ts";

/** Where an earlier run of a migration was stopped. */
export interface Interruption {
  readonly done: number;
  readonly progress: Progress | null;
}

export async function readInterruption(
  { session, history }: ApplyContext,
  { file }: Script,
): Promise<Interruption | undefined> {
  const [row] = await session.query<{ done: number; progress: Progress | null }>(
    `select statements_done as done, progress from ${quotedName(history)} where set_name = $1 and key = $2`,
    [history.set, file.key],
  );
  return row;
}

/**
 * Makes everything ready to continue, and returns how many units are done.
 *
 * The session's state is replayed, and what the interrupted statement has left is settled. What is done binds the
 * file; the rest of it may have been corrected since.
 *
 * @throws HistoryConflictError where it cannot be continued
 */
export async function resume(
  context: ApplyContext,
  script: OpenScript,
  units: number,
  { done, progress }: Interruption,
): Promise<number> {
  const { session, history, log } = context;
  const { key } = script.file;
  const { replayed, next } = readDone(script, done, progress);
  await writeOwnRow(context, script, refreshStarted(history, script, units), done);
  log.info({ migration: key, statementsDone: done, statementsTotal: units }, "continuing interrupted migration");
  for (const sql of replayed) await session.query(sql);
  const running = progress?.running;
  if (!running?.leftovers || !(await settleLeftovers(context, running.leftovers))) return done;
  if (!next || running.digest !== unitDigest(script, next)) return done;
  log.info({ migration: key, statement: done + 1 }, "the interrupted statement had done its work");
  await writeOwnRow(context, script, advanceRow(history, key, done + 1, { doneDigest: next.digest }), done);
  return done + 1;
}

interface DoneUnits {
  /** The statements that set up the session. */
  readonly replayed: readonly string[];
  /** The unit behind them. */
  readonly next: PlacedUnit | undefined;
}

function readDone(script: OpenScript, done: number, progress: Progress | null): DoneUnits {
  const { key, path } = script.file;
  const replayed: string[] = [];
  let lost: ScriptStatement | undefined;
  let digest = emptyDigest;
  let next: PlacedUnit | undefined;
  for (const unit of readPlacedUnits(script)) {
    if (unit.index === done) {
      next = unit;
      break;
    }
    digest = unit.digest;
    for (const statement of unit.statements) {
      const words = statementWords(statement.text, statement.statement);
      if (isSessionState(words)) replayed.push(statement.sql);
      if (leavesSessionObjects(words)) lost ??= statement;
    }
  }
  const place = { migration: key, file: path };
  if (done > 0 && progress?.doneDigest !== digest) {
    throw new HistoryConflictError(
      `the first ${done} statements of ${path} were applied and have been changed since: restore them, and correct what follows, or settle the file by hand with "migrator resolve"`,
      place,
    );
  }
  if (lost) {
    throw new HistoryConflictError(
      `what this statement of ${path} made has gone with the interrupted session, so the file cannot be continued: settle it by hand with "migrator resolve"`,
      { ...place, line: locate(script.source.textFrom(0), lost.start).line },
    );
  }
  return { replayed, next };
}
