import { ConnectionLostError } from "../database/connection.ts";
import { MigrationFailedError } from "../errors.ts";
import type { OpenScript, ScriptStatement } from "../files/open-script.ts";
import { noteProgress } from "../history/write.ts";
import { maskLine } from "../sql/mask-secrets.ts";
import { excerpt, locate } from "../sql/place.ts";
import { isInvalid, parseConcurrentIndex } from "./concurrent-index.ts";
import { runWithRetries } from "./contention.ts";
import type { ApplyContext } from "./context.ts";
import { noteLeftovers, settleLeftovers } from "./leftovers.ts";
import { partOf } from "./message.ts";
import { writeOwnRow } from "./own-row.ts";
import { migrationFailed, type StatementError } from "./statement-error.ts";
import { type PlacedUnit, unitDigest } from "./units-digest.ts";

/** A unit that PostgreSQL refuses in a transaction block, in its place in the file. */
export interface BareUnit {
  readonly unit: PlacedUnit;
  /** SQL that counts the unit as done. */
  readonly advance: readonly string[];
  /** True where an earlier run was stopped in it. */
  readonly wasRunning: boolean;
}

/**
 * Runs such a unit at least once: what is about to run is noted, it runs, it is counted.
 *
 * What it leaves when it fails is taken away at once; where the run itself ends in it, by the next run.
 */
export async function runBareUnit(context: ApplyContext, script: OpenScript, bare: BareUnit): Promise<void> {
  const { session, history, log } = context;
  const { unit, advance, wasRunning } = bare;
  const { index, digestBefore: doneDigest } = unit;
  const { key } = script.file;
  const [statement] = unit.statements;
  const leftovers = statement && (await noteLeftovers(session, statement.text, statement.statement));
  const running = { unit: index, digest: unitDigest(script, unit), ...(leftovers && { leftovers }) };
  await writeOwnRow(context, script, noteProgress(history, key, index, { doneDigest, running }), index);
  const settle = async () => leftovers !== undefined && (await settleLeftovers(context, leftovers));
  // A lock timeout would leave a build INVALID: these statements wait as long as it takes.
  if (!unit.lockTimeoutSet) await session.query("set lock_timeout = 0");
  try {
    const translate = wasRunning ? (error: StatementError) => doneBefore(script, unit, error) : () => undefined;
    const messages = [unit.statements.map(partOf)];
    await runWithRetries(context, script, () => messages, { beforeRetry: settle, translate });
  } catch (error) {
    if (error instanceof ConnectionLostError || context.signal.aborted) throw error;
    if (!(error instanceof DoneBefore) && !(await settle())) {
      // It has failed, which is an end too: the next run must not take it for an interrupted one.
      await writeOwnRow(context, script, noteProgress(history, key, index, { doneDigest }), index);
      throw error;
    }
    log.info({ migration: key, statement: index + 1 }, "the interrupted statement had done its work");
  }
  if (statement) await refuseInvalidIndex(context, script, statement);
  await writeOwnRow(context, script, advance.join(";\n"), index);
}

class DoneBefore extends Error {}

/**
 * Reads the error of a statement that an earlier run was interrupted in. `DROP INDEX CONCURRENTLY` that had done its work
 * finds nothing to drop. What something finds that it wanted to create may be its own work, or another's.
 */
function doneBefore(script: OpenScript, unit: PlacedUnit, error: StatementError): Error | undefined {
  const { code = "" } = error.database;
  if (isGone.has(code) && /^drop\b/i.test(unit.statements[0]?.sql ?? "")) return new DoneBefore();
  return isThere.has(code) ? migrationFailed(script, error, adviceForInterrupted) : undefined;
}

const isGone = new Set(["42704", "42P01", "3D000"]);
const isThere = new Set(["42P04", "42P06", "42P07", "42710"]);
const adviceForInterrupted =
  "; an earlier run was interrupted in this statement and may have done its work: if so, put the directive -- gate: no-transaction into the file's first line and take the statement out, and the next run continues behind it";

/** `IF NOT EXISTS` passes over an INVALID index of that name, which no query will ever use. */
async function refuseInvalidIndex(
  { session }: ApplyContext,
  script: OpenScript,
  statement: ScriptStatement,
): Promise<void> {
  const index = parseConcurrentIndex(statement.text, statement.statement);
  if (!index || !(await isInvalid(session, index))) return;
  const location = locate(script.source.textFrom(0), statement.start);
  throw new MigrationFailedError(
    `index ${index.name} on ${index.table} exists and is INVALID, left by a build before this migration: drop it first`,
    {
      place: { migration: script.file.key, file: script.file.path, line: location.line, column: location.column },
      logFields: { excerpt: excerpt(maskLine(location, script.secrets)) },
    },
  );
}
