import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { Session } from "./database/session.ts";
import { HistoryConflictError } from "./errors.ts";
import { compareScripts, formatDifference, type ScriptDifference } from "./files/compare-scripts.ts";
import type { Script } from "./files/script.ts";
import { readScripts } from "./history/read.ts";
import type { HistoryRow } from "./history/row.ts";
import { commandOn, type HistoryTable } from "./history/table.ts";
import type { AppliedMigration, Plan } from "./plan.ts";

/** An applied migration whose file does something else now, or cannot be shown to do the same. */
export interface ChangedMigration extends AppliedMigration {
  /** Absent where the history kept no text. */
  readonly difference?: ScriptDifference;
}

/** Sorts applied migrations with changed files into those that still do the same and those that do not. */
export async function judgeChanges(
  session: Session,
  history: HistoryTable,
  changed: readonly AppliedMigration[],
): Promise<{ readonly equivalent: readonly AppliedMigration[]; readonly different: readonly ChangedMigration[] }> {
  if (changed.length === 0) return { equivalent: [], different: [] };
  const keys = changed.map(({ row }) => row.key);
  const scripts = await readScripts(session, history, keys);
  const equivalent: AppliedMigration[] = [];
  const different: ChangedMigration[] = [];
  for (const migration of changed) {
    const stored = scripts.get(migration.row.key);
    const difference = stored === undefined ? undefined : compareScripts(stored, migration.file);
    if (stored !== undefined && difference === undefined) equivalent.push(migration);
    else different.push({ ...migration, ...(difference && { difference }) });
  }
  return { equivalent, different };
}

/**
 * Refuses to go on where files and history disagree.
 *
 * Newer migrations in the database are no conflict by themselves, so that an older image can be rolled back to, unless
 * one of them is marked breaking.
 *
 * @throws HistoryConflictError
 */
export async function checkConflicts(
  session: Session,
  history: HistoryTable,
  plan: Plan,
  { allowOutOfOrder, log }: { readonly allowOutOfOrder: boolean; readonly log: Logger },
): Promise<void> {
  const { equivalent, different } = await judgeChanges(session, history, plan.changed);
  for (const { file } of equivalent) {
    log.warn({ migration: file.key }, "applied migration was edited, in comments or layout only");
  }
  const [changed] = different;
  if (changed) throw changedError(changed, different.length, history);
  const [missing] = plan.missing;
  if (missing) {
    throw new HistoryConflictError(
      `${list(plan.missing)} applied to this database but missing from the files: restore the files, or --ignore them`,
      { migration: missing.key },
    );
  }
  const breaking = plan.newer.filter((row) => row.breaking);
  if (breaking[0]) {
    throw new HistoryConflictError(
      `the database is newer than these files, and ${list(breaking)} marked breaking: this version cannot run on it`,
      { migration: breaking[0].key },
    );
  }
  if (plan.newer.length > 0) {
    log.warn({ newer: plan.newer.map(({ key }) => key) }, "the database is newer than these files");
  }
  const [late] = plan.outOfOrder;
  if (late && !allowOutOfOrder) {
    throw new HistoryConflictError(
      `${late.path} is pending but older than ${plan.newest}, which is applied: give it a newer version, or allow it with --out-of-order`,
      { migration: late.key, file: late.path },
    );
  }
}

/**
 * Refuses a migration that was begun statement by statement and is one transaction now: it has a row already, and a
 * transaction would meet it as another runner's.
 *
 * @throws HistoryConflictError
 */
export function checkBegun(scripts: readonly Script[], { started }: Plan, history: HistoryTable): void {
  const begun = scripts.find(({ file, execution }) => execution.kind === "transaction" && started.includes(file.key));
  if (!begun) return;
  const { key, path } = begun.file;
  throw new HistoryConflictError(
    `${path} was begun statement by statement, and is one transaction now: restore it, ` +
      `or undo by hand what it has done and run "${commandOn(history, `resolve ${key} --undone`)}"`,
    { migration: key, file: path },
  );
}

function changedError(
  { file, difference }: ChangedMigration,
  count: number,
  history: HistoryTable,
): HistoryConflictError {
  const place = { migration: file.key, file: file.path, ...(difference && { line: difference.line }) };
  const diff = difference ? `\n${formatDifference(difference)}` : "";
  const more = count > 1 ? ` (and ${count - 1} more)` : "";
  return new HistoryConflictError(
    `${file.path} was changed after it was applied${more}: restore it, and put the change into a new migration, ` +
      `or accept it with "${commandOn(history, `repair ${file.key}`)}"${diff}`,
    place,
  );
}

function list(rows: readonly HistoryRow[]): string {
  const keys = rows.map(({ key }) => key).join(", ");
  return rows.length === 1 ? `${keys} is` : `${keys} are`;
}
