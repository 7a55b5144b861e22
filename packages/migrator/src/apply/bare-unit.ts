import { ConnectionLostError } from "../database/connection.ts";
import { MigrationFailedError } from "../errors.ts";
import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { noteProgress } from "../history/write.ts";
import { excerpt, placeOfOffset } from "../sql/place.ts";
import {
  type ConcurrentIndex,
  indexesOf,
  isInvalid,
  parseConcurrentIndex,
  settleInterruptedBuild,
} from "./concurrent-index.ts";
import { runWithRetries } from "./contention.ts";
import type { ApplyContext } from "./context.ts";
import { partOf } from "./message.ts";
import { writeOwnRow } from "./own-row.ts";
import type { StatementError } from "./statement-error.ts";
import { unitsDigest } from "./units-digest.ts";

/** A unit that PostgreSQL refuses in a transaction block, in its place in the file. */
export interface BareUnit {
  readonly units: readonly Unit[];
  readonly index: number;
  readonly unit: Unit;
  /** SQL that counts the unit as done. */
  readonly advance: string;
  /** True where an earlier run was stopped in it. */
  readonly wasRunning: boolean;
}

/**
 * Runs such a unit at least once: what is about to run is noted, it runs, it is counted.
 *
 * A concurrent index build that fails leaves an INVALID index: it is dropped at once, or by the next run.
 */
export async function runBareUnit(context: ApplyContext, script: Script, bare: BareUnit): Promise<void> {
  const { session, history, log } = context;
  const { units, index, unit, advance, wasRunning } = bare;
  const [statement] = unit.statements;
  const build = statement && parseConcurrentIndex(script.text, statement);
  const indexesBefore = build ? await indexesOf(session, build.table) : [];
  const doneDigest = unitsDigest(script, units.slice(0, index));
  const running = { unit: index, ...(build && { index: build, indexesBefore }) };
  await writeOwnRow(context, script, noteProgress(history, script.file.key, index, { doneDigest, running }), index);
  const settle = async () => {
    if (build) await settleInterruptedBuild(session, build, indexesBefore, context);
  };
  // A lock timeout would leave a build INVALID: these statements wait as long as it takes.
  await session.query("set lock_timeout = 0");
  try {
    const translate = wasRunning ? (error: StatementError) => goneAlready(error, unit) : () => undefined;
    await runWithRetries(context, script, [[partOf(unit)]], { beforeRetry: settle, translate });
  } catch (error) {
    if (!(error instanceof GoneAlready)) {
      if (!(error instanceof ConnectionLostError || context.signal.aborted)) await settle();
      throw error;
    }
    log.info({ migration: script.file.key }, "the interrupted statement had done its work");
  }
  if (build) await refuseInvalidIndex(context, script, unit, build);
  await writeOwnRow(context, script, advance, index);
}

class GoneAlready extends Error {}

/** `DROP INDEX CONCURRENTLY` that was interrupted after its work: there is nothing left to drop. */
function goneAlready({ database }: StatementError, unit: Unit): Error | undefined {
  const isGone = ["42704", "42P01", "3D000"].includes(database.code ?? "");
  return isGone && /^\s*drop\b/i.test(unit.text) ? new GoneAlready() : undefined;
}

/** `IF NOT EXISTS` passes over an INVALID index of that name, which no query will ever use. */
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
