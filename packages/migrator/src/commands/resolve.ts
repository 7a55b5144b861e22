import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { HistoryConflictError, UsageError } from "../errors.ts";
import { readAnnouncedFiles } from "../files/checksum.ts";
import type { MigrationFile } from "../files/migration-files.ts";
import { openScript } from "../files/open-script.ts";
import { parseScripts } from "../files/script.ts";
import type { HistoryRow } from "../history/row.ts";
import { deleteStarted, resolveRow } from "../history/write.ts";
import type { Run } from "../migrate.ts";
import { fileOf } from "../plan.ts";
import type { RunSettings } from "../settings.ts";
import { underLock } from "../under-lock.ts";
import type { CommandResult } from "./result.ts";

export type Resolution = "done" | "undone";

/**
 * `migrator resolve KEY --done|--undone`: settles a migration that was begun statement by statement and cannot be
 * continued. Done counts as applied, undone is pending from its first statement on. It runs nothing.
 *
 * @throws HistoryConflictError where the migration is not in between
 */
export async function resolve(run: Run): Promise<CommandResult> {
  const { settings, log } = run;
  const { key, history } = settings;
  const resolution = resolutionOf(settings);
  const file = fileOf(readAnnouncedFiles(settings), key, "resolve");
  const scripts = await parseScripts(settings.directory, [file]);
  const changed = await underLock(run, async (session, { rows }) => {
    const row = rows.find((candidate) => candidate.key === key);
    if (!needsSettling(file, row, resolution)) return false;
    for (const script of scripts) {
      using open = openScript(script);
      await session.query(resolution === "done" ? resolveRow(history, open) : deleteStarted(history, key));
    }
    return true;
  });
  if (changed) log.warn({ migration: key, resolution }, "settled started migration");
  const meaning = resolution === "done" ? "applied" : "pending, from its first statement on";
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { migration: key, resolution, changed },
    document: { key, resolution, changed },
    text: changed ? `${file.path} is now ${meaning}` : `nothing to settle: ${file.path} is ${meaning}`,
  };
}

/** @throws UsageError unless exactly one of both was given */
export function resolutionOf({ done, undone }: Pick<RunSettings, "done" | "undone">): Resolution {
  if (done === undone) throw new UsageError("resolve: give exactly one of --done and --undone");
  return done ? "done" : "undone";
}

/**
 * False where the history says so already.
 *
 * @throws HistoryConflictError where the migration was never begun, or is applied
 */
export function needsSettling(file: MigrationFile, row: HistoryRow | undefined, resolution: Resolution): boolean {
  if (row?.state === "started") return true;
  if ((row ? "done" : "undone") === resolution) return false;
  throw new HistoryConflictError(
    row
      ? `${file.path} is applied: only what was begun and not finished can be settled`
      : `${file.path} was not begun: only what was begun and not finished can be settled; "migrator baseline" marks what is there already`,
    { migration: file.key, file: file.path },
  );
}
