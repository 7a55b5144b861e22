import { performance } from "node:perf_hooks";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { RunSuccess } from "@migration-gate/run-report/report";
import { applyMigration } from "./apply/apply.ts";
import { type ApplyContext, FencedOffError, LockHeldError } from "./apply/context.ts";
import { ActivitySampler } from "./database/activity-sampler.ts";
import { type Hold, hold } from "./database/hold.ts";
import { lockKey } from "./database/lock.ts";
import { withReconnects } from "./database/reconnect.ts";
import { checkServer, checkWritable } from "./database/server-check.ts";
import type { Session } from "./database/session.ts";
import { TransientError } from "./errors.ts";
import { readAnnouncedFiles } from "./files/checksum.ts";
import type { MigrationFile } from "./files/migration-files.ts";
import { refuseUnits } from "./files/refuse-units.ts";
import { type ParseScripts, type Script, scriptParser } from "./files/script.ts";
import { refuseExistingTables } from "./first-run.ts";
import type { GracefulStop } from "./graceful-stop.ts";
import { ensureHistory } from "./history/create.ts";
import { inspect, readHistory } from "./history/read.ts";
import type { HistoryRow } from "./history/row.ts";
import { runHistory } from "./history/run-history.ts";
import { displayName } from "./history/table.ts";
import { checkBegun, checkConflicts } from "./history-conflicts.ts";
import { type Plan, pendingUntil, planMigrations } from "./plan.ts";
import type { RunMonitor } from "./progress/run-monitor.ts";
import type { Reporter } from "./reporter.ts";
import type { RunSettings } from "./settings.ts";
import { WaitBudget } from "./wait-budget.ts";

/** One run, with what it has done so far: a failure tells that too. */
export interface Run {
  readonly settings: RunSettings;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly stop: Pick<GracefulStop, "finish">;
  readonly reporter: Reporter;
  readonly monitor: RunMonitor;
  readonly applied: AppliedInRun[];
  /** Called once it is known that there is something to apply, before it is parsed. */
  readonly onPending: () => void;
}

export interface AppliedInRun {
  readonly key: string;
  readonly durationMs: number;
  readonly breaking: boolean;
}

/**
 * Brings the database up to date with the files: the whole of `migrator up`.
 *
 * Everything is read and parsed before anything runs. With nothing pending it takes no lock and writes nothing.
 *
 * @throws MigratorError for everything that an operator can act on; what was applied before stays applied
 */
export async function migrate(run: Run): Promise<RunSuccess> {
  const { settings, log, signal, reporter, monitor, applied } = run;
  const startedAt = performance.now();
  const files = readAnnouncedFiles(settings);
  const parseScripts = scriptParser(settings.directory);
  const budget = new WaitBudget(settings.waitBudgetMs);
  const onLost = () => monitor.enter("connecting");
  await onLost();
  let newestBefore: string | undefined;
  const { newest } = await monitor.during(() =>
    withReconnects({ ...settings, budget, log, signal, onLost }, async (session, isFirst) => {
      const { server, ...reading } = await inspect(session, settings.history);
      checkServer(server, log);
      reporter.historyRead(runHistory(reading));
      const plan = await checkedPlan(run, session, files, reading.rows);
      if (isFirst) newestBefore = plan.newest;
      if (plan.pending.length === 0 && isFirst) return plan;
      run.onPending();
      const scripts = await parseScripts(plan.pending);
      checkWritable(server);
      await monitor.enter("waiting-for-lock");
      const key = lockKey(server.database, displayName(settings.history), settings.history.set);
      const held = await hold(session, server, { ...settings, key, budget, log, signal, onHolder: monitor.onHolder });
      if (!held.ownsSession) refuseUnits(settings.directory, scripts);
      const { onActivity } = monitor;
      await using sampler = new ActivitySampler({ ...settings, backend: held.backend, log, onActivity });
      session.observedBy(sampler);
      await held.guarded(() => ensureHistory(session, settings.history, server.role));
      return await applyPending(run, files, parseScripts, contextOf(run, session, budget, held, sampler));
    }),
  );
  const success: RunSuccess = {
    ...(newestBefore !== undefined && { appliedFrom: newestBefore }),
    ...(newest !== undefined && { appliedTo: newest }),
    applied: applied.length,
    durationMs: Math.round(performance.now() - startedAt),
  };
  await reporter.succeeded(success, budget, signal);
  return success;
}

/** Plans, and refuses what only a person can settle. */
export async function checkedPlan(
  { settings, log }: Pick<Run, "settings" | "log">,
  session: Session,
  files: readonly MigrationFile[],
  rows: readonly HistoryRow[],
): Promise<Plan> {
  if (rows.length === 0 && !settings.allowExistingTables) await refuseExistingTables(session, settings.history, files);
  const plan = planMigrations(files, rows, settings.ignore);
  await checkConflicts(session, settings.history, plan, { allowOutOfOrder: settings.outOfOrder, log });
  return { ...plan, pending: pendingUntil(files, plan.pending, settings.target) };
}

/** Applies what the history, read under the lock, says is pending; returns what files and history say afterwards. */
async function applyPending(
  run: Run,
  files: readonly MigrationFile[],
  parseScripts: ParseScripts,
  context: ApplyContext,
): Promise<Plan> {
  const { settings, signal } = run;
  while (true) {
    const plan = await checkedPlan(run, context.session, files, await reportedRows(run, context.session));
    if (plan.pending.length === 0) return plan;
    const scripts = await parseScripts(plan.pending);
    checkBegun(scripts, plan, settings.history);
    try {
      for (const [index, script] of scripts.entries()) {
        signal.throwIfAborted();
        await applyOne(run, context, script, { current: index + 1, total: scripts.length });
        // From now on older versions must not start, however this run ends.
        if (script.directives.breaking) await reportedRows(run, context.session);
      }
      return planMigrations(files, await reportedRows(run, context.session), settings.ignore);
    } catch (error) {
      if (error instanceof LockHeldError) {
        await context.hold.waitUntilFree();
        continue;
      }
      // Another run was first: what is pending has changed.
      if (!(error instanceof FencedOffError)) throw error;
      if (context.budget.exhausted) {
        throw new TransientError("another run keeps migrating the same database", { cause: error });
      }
      context.log.warn({ reason: error.message }, "another run migrates the same database, reading the history again");
      await context.budget.sleep(250, signal);
    }
  }
}

/** Reads the history under the lock; the next report says what it told. */
async function reportedRows({ settings, reporter }: Run, session: Session): Promise<readonly HistoryRow[]> {
  const reading = await readHistory(session, settings.history);
  reporter.historyRead(runHistory(reading));
  return reading.rows;
}

async function applyOne(
  { monitor, log, applied }: Run,
  context: ApplyContext,
  script: Script,
  position: { readonly current: number; readonly total: number },
): Promise<void> {
  const { key } = script.file;
  const startedAt = performance.now();
  await monitor.begin(script, position);
  log.info({ migration: key, ...position }, "applying migration");
  await applyMigration(context, script);
  const durationMs = Math.round(performance.now() - startedAt);
  applied.push({ key, durationMs, breaking: script.directives.breaking });
  log.info({ migration: key, durationMs }, "applied migration");
}

function contextOf(run: Run, session: Session, budget: WaitBudget, held: Hold, sampler: ActivitySampler): ApplyContext {
  const { settings, log, signal, stop, reporter, monitor } = run;
  const { migratorVersion, image, history, role, lockTimeoutMs } = settings;
  const runner = { runId: reporter.runId, migratorVersion, image };
  return { session, history, runner, role, lockTimeoutMs, hold: held, sampler, monitor, budget, log, stop, signal };
}
