import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { withReconnects } from "../database/reconnect.ts";
import { checkServer } from "../database/server-check.ts";
import { readAnnouncedFiles } from "../files/checksum.ts";
import { firstRunRefusal } from "../first-run.ts";
import { inspect } from "../history/read.ts";
import { type ChangedMigration, judgeChanges } from "../history-conflicts.ts";
import type { Run } from "../migrate.ts";
import { type Plan, planMigrations } from "../plan.ts";
import { WaitBudget } from "../wait-budget.ts";
import type { CommandResult } from "./result.ts";
import { formatTable } from "./table.ts";

/** What `status` says about one migration. */
export interface MigrationStatus {
  readonly key: string;
  readonly state: "applied" | "edited" | "changed" | "pending" | "started" | "missing" | "newer";
  readonly finishedAt?: string;
  readonly breaking?: true;
}

/** `migrator status`: compares files and history, and judges nothing. */
export async function status({ settings, log, signal }: Run): Promise<CommandResult> {
  const files = readAnnouncedFiles(settings);
  const budget = new WaitBudget(settings.waitBudgetMs);
  const { plan, different } = await withReconnects({ ...settings, budget, log, signal }, async (session) => {
    const { server, rows } = await inspect(session, settings.history);
    checkServer(server, log);
    const plan = planMigrations(files, rows, settings.ignore);
    if (rows.length === 0 && !settings.allowExistingTables) {
      const reason = await firstRunRefusal(session, settings.history, files);
      if (reason !== undefined) log.warn({ reason }, "a first run would be refused");
    }
    return { plan, ...(await judgeChanges(session, settings.history, plan.changed)) };
  });
  const migrations = statuses(plan, different);
  const { pending } = plan;
  return {
    exitCode: settings.exitCode && pending.length > 0 ? migratorExitCodes.pending.code : migratorExitCodes.success.code,
    summary: { applied: plan.applied.length, pending: pending.length },
    document: { applied: plan.applied.length, pending: pending.length, migrations },
    text: formatTable(migrations),
  };
}

/** In the order of the files; what only the history knows stands at the end. */
export function statuses(plan: Plan, different: readonly ChangedMigration[]): MigrationStatus[] {
  const changedKeys = new Set(different.map(({ row }) => row.key));
  const editedKeys = new Set(plan.changed.map(({ row }) => row.key));
  return [
    ...plan.applied.map(({ row }) => {
      const state = changedKeys.has(row.key) ? "changed" : editedKeys.has(row.key) ? "edited" : "applied";
      return statusOf(state, row);
    }),
    ...plan.pending.map(({ key }) => statusOf(plan.started.includes(key) ? "started" : "pending", { key })),
    ...plan.missing.map((row) => statusOf("missing", row)),
    ...plan.newer.map((row) => statusOf("newer", row)),
  ];
}

function statusOf(
  state: MigrationStatus["state"],
  row: { readonly key: string; readonly finishedAt?: string; readonly breaking?: boolean },
): MigrationStatus {
  return {
    key: row.key,
    state,
    ...(row.finishedAt !== undefined && { finishedAt: row.finishedAt }),
    ...(row.breaking && { breaking: true }),
  };
}
