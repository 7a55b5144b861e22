import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { HistoryConflictError } from "../errors.ts";
import { readAnnouncedFiles } from "../files/checksum.ts";
import type { MigrationFile } from "../files/migration-files.ts";
import { openScript } from "../files/open-script.ts";
import { parseScripts } from "../files/script.ts";
import { ensureHistory } from "../history/create.ts";
import { commandOn, type HistoryTable } from "../history/table.ts";
import { insertBaseline } from "../history/write.ts";
import { checkConflicts } from "../history-conflicts.ts";
import type { Run } from "../migrate.ts";
import { fileOf, type Plan, pendingUntil, planMigrations } from "../plan.ts";
import { underLock } from "../under-lock.ts";
import type { CommandResult } from "./result.ts";

/**
 * `migrator baseline KEY`: marks every migration up to KEY as applied, and runs none of them. What is marked already
 * stays as it is.
 *
 * @throws HistoryConflictError where the history says something else about one of them
 */
export async function baseline(run: Run): Promise<CommandResult> {
  const { settings, log, reporter } = run;
  const { key, history, migratorVersion, image } = settings;
  const files = readAnnouncedFiles(settings);
  fileOf(files, key, "baseline");
  const marked = await underLock(run, async (session, { server, rows }) => {
    const plan = planMigrations(files, rows, settings.ignore);
    await checkConflicts(session, history, plan, { allowOutOfOrder: true, log });
    const scripts = await parseScripts(settings.directory, unmarked(plan, files, key, history));
    if (scripts.length === 0) return [];
    await ensureHistory(session, history, server.role);
    const runner = { runId: reporter.runId, migratorVersion, image };
    await session.query("begin");
    for (const script of scripts) {
      using open = openScript(script);
      await session.query(insertBaseline(history, open, runner));
    }
    await session.query("commit");
    return scripts.map(({ file }) => file.key);
  });
  if (marked.length > 0) log.info({ migrations: marked }, "marked migrations as applied");
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { marked: marked.length, appliedTo: key },
    document: { marked, appliedTo: key },
    text:
      marked.length === 0
        ? `nothing to mark: everything up to ${key} is applied`
        : `marked as applied:\n${marked.join("\n")}`,
  };
}

/**
 * The migrations up to `key` that are not applied yet.
 *
 * @throws HistoryConflictError where one of them was begun, or the history is already past one of them
 */
export function unmarked(
  plan: Plan,
  files: readonly MigrationFile[],
  key: string,
  history: HistoryTable,
): readonly MigrationFile[] {
  const pending = pendingUntil(files, plan.pending, key);
  const started = pending.find((file) => plan.started.includes(file.key));
  if (started) {
    throw new HistoryConflictError(
      `${started.path} was begun and not finished: let "${commandOn(history, "up")}" finish it, or settle it with "${commandOn(history, `resolve ${started.key} --done`)}"`,
      { migration: started.key, file: started.path },
    );
  }
  const late = pending.find((file) => plan.outOfOrder.includes(file));
  if (late) {
    throw new HistoryConflictError(
      `${late.path} is not applied although ${plan.newest}, which is newer, is: a baseline would hide that`,
      { migration: late.key, file: late.path },
    );
  }
  return pending;
}
