import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { withReconnects } from "../database/reconnect.ts";
import { checkServer } from "../database/server-check.ts";
import { readAnnouncedFiles } from "../files/checksum.ts";
import { parseScripts } from "../files/script.ts";
import { inspect } from "../history/read.ts";
import { checkedPlan, migrate, type Run } from "../migrate.ts";
import { WaitBudget } from "../wait-budget.ts";
import type { CommandResult } from "./result.ts";

/** `migrator up`: applies what is pending, or lists it with `--dry-run`. */
export async function up(run: Run): Promise<CommandResult> {
  if (run.settings.dryRun) return await preview(run);
  const success = await migrate(run);
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { ...success },
    document: { ...success, migrations: run.applied },
  };
}

async function preview(run: Run): Promise<CommandResult> {
  const { settings, log, signal } = run;
  const files = readAnnouncedFiles(settings);
  const budget = new WaitBudget(settings.waitBudgetMs);
  const scripts = await withReconnects({ ...settings, budget, log, signal }, async (session) => {
    const { server, rows } = await inspect(session, settings.history);
    checkServer(server, log);
    const { pending } = await checkedPlan(run, session, files, rows);
    return await parseScripts(settings.directory, pending);
  });
  const pending = scripts.map(({ file, execution, directives }) => ({
    key: file.key,
    path: file.path,
    transactional: execution.kind === "transaction",
    breaking: directives.breaking,
  }));
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { pending: pending.length },
    document: { dryRun: true, pending },
    text: pending.map(({ key }) => key).join("\n"),
  };
}
