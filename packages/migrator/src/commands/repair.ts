import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { HistoryConflictError } from "../errors.ts";
import { readAnnouncedFiles } from "../files/checksum.ts";
import { formatDifference, type ScriptDifference } from "../files/compare-scripts.ts";
import { openScript } from "../files/open-script.ts";
import { parseScripts } from "../files/script.ts";
import { commandOn } from "../history/table.ts";
import { repairRow } from "../history/write.ts";
import { judgeChanges } from "../history-conflicts.ts";
import type { Run } from "../migrate.ts";
import { fileOf } from "../plan.ts";
import { underLock } from "../under-lock.ts";
import type { CommandResult } from "./result.ts";

/** How the file differed from what was applied: in nothing, in comments and layout, or in what it does. */
type Change =
  | { readonly change: "none" | "layout" }
  | { readonly change: "meaning"; readonly difference?: ScriptDifference };

/**
 * `migrator repair KEY`: accepts the file of an applied migration as it is now, and shows how it differs. It changes
 * what the history says, never what the database contains.
 *
 * @throws HistoryConflictError where the migration is not applied
 */
export async function repair(run: Run): Promise<CommandResult> {
  const { settings, log } = run;
  const { key, history } = settings;
  const file = fileOf(readAnnouncedFiles(settings), key, "repair");
  const scripts = await parseScripts(settings.directory, [file]);
  const accepted = await underLock(run, async (session, { rows }): Promise<Change> => {
    const row = rows.find((candidate) => candidate.key === key);
    if (row?.state !== "done") {
      throw new HistoryConflictError(
        `${file.path} is not applied, so that nothing binds it: correct it, and run "${commandOn(history, "up")}"`,
        { migration: key, file: file.path },
      );
    }
    if (row.checksum === file.checksum) return { change: "none" };
    const { different } = await judgeChanges(session, history, [{ file, row }]);
    const change = different[0] ? ({ ...different[0], change: "meaning" } as const) : ({ change: "layout" } as const);
    for (const script of scripts) {
      using open = openScript(script);
      await session.query(repairRow(history, open));
    }
    return change;
  });
  const { change } = accepted;
  const difference = change === "meaning" ? accepted.difference : undefined;
  if (change !== "none") log.warn({ migration: key, change, ...difference }, "accepted changed migration");
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { migration: key, change },
    document: { key, change, ...(difference && { difference }) },
    text: describeChange(file.path, change, difference),
  };
}

/** For people. */
export function describeChange(
  path: string,
  change: Change["change"],
  difference: ScriptDifference | undefined,
): string {
  if (change === "none") return `${path} is as it was applied: nothing to repair`;
  if (change === "layout") return `accepted ${path}, which differs in comments or layout only`;
  if (!difference) return `accepted ${path}; the history had no text to compare it with`;
  return `accepted ${path}, which differs from what was applied at line ${difference.line}:\n${formatDifference(difference)}`;
}
