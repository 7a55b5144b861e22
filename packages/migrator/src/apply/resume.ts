import { HistoryConflictError } from "../errors.ts";
import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { quotedName } from "../history/table.ts";
import { advanceRow, type Progress, refreshStarted } from "../history/write.ts";
import { placeOfOffset } from "../sql/place.ts";
import { statementWords } from "../sql/statements.ts";
import type { ApplyContext } from "./context.ts";
import { settleLeftovers } from "./leftovers.ts";
import { writeOwnRow } from "./own-row.ts";
import { isSessionState, leavesSessionObjects } from "./session-state.ts";
import { unitsDigest } from "./units-digest.ts";

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
  script: Script,
  units: readonly Unit[],
  { done, progress }: Interruption,
): Promise<number> {
  const { session, history, log } = context;
  const { key } = script.file;
  checkResumable(script, units, done, progress);
  await writeOwnRow(context, script, refreshStarted(history, script, units.length), done);
  log.info({ migration: key, statementsDone: done, statementsTotal: units.length }, "continuing interrupted migration");
  const lost = units.slice(0, done).flatMap(({ statements }) => statements);
  for (const statement of lost) {
    if (!isSessionState(statementWords(script.text, statement))) continue;
    await session.query(script.text.slice(statement.start, statement.end));
  }
  const running = progress?.running;
  if (!running?.leftovers || !(await settleLeftovers(context, running.leftovers))) return done;
  const next = units[done];
  if (!next || running.digest !== unitsDigest(script, [next])) return done;
  log.info({ migration: key, statement: done + 1 }, "the interrupted statement had done its work");
  const doneDigest = unitsDigest(script, units.slice(0, done + 1));
  await writeOwnRow(context, script, advanceRow(history, key, done + 1, { doneDigest }), done);
  return done + 1;
}

function checkResumable(script: Script, units: readonly Unit[], done: number, progress: Progress | null): void {
  const { key, path } = script.file;
  const place = { migration: key, file: path };
  if (done > 0 && progress?.doneDigest !== unitsDigest(script, units.slice(0, done))) {
    throw new HistoryConflictError(
      `the first ${done} statements of ${path} were applied and have been changed since: restore them, and correct what follows, or settle the file by hand with "migrator resolve"`,
      place,
    );
  }
  const lost = units.slice(0, done).flatMap(({ statements }) => statements);
  const statement = lost.find((candidate) => leavesSessionObjects(statementWords(script.text, candidate)));
  if (!statement) return;
  const { line } = placeOfOffset(script.text, statement.start);
  throw new HistoryConflictError(
    `what this statement of ${path} made has gone with the interrupted session, so the file cannot be continued: settle it by hand with "migrator resolve"`,
    { ...place, line },
  );
}
