import { stat } from "node:fs/promises";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { Acknowledgement, RunReport } from "@migration-gate/run-report/report";
import { acknowledgementFileName, writeJsonFile } from "@migration-gate/run-report/report-files";
import { ApiError } from "../api/api-error.ts";
import { backoffMs } from "../api/backoff.ts";
import { documentOfReport } from "../ledger/ledger-document.ts";
import type { LedgerWriter } from "../ledger/ledger-writer.ts";
import { parseReport } from "./parse-report.ts";
import { readReportText } from "./read-report.ts";
import type { RecordPorts, RecordSettings } from "./record.ts";
import { recordTrouble } from "./record-trouble.ts";
import { watchReportDirectory } from "./report-changes.ts";
import { writePace } from "./write-pace.ts";

interface ReportSettings extends RecordSettings {
  readonly reportDirectory: string;
}

/** Where no event comes, the report is read this often. */
const pollMs = 2_000;

/**
 * Copies every report into the ledger until `signal` aborts, then the last one once more, within what `linger` allows.
 * A ledger that somebody replaces meanwhile is told of the run again, however long the run has nothing new to tell.
 *
 * A success, once seen, is written before anything else, whatever the file says later: the migration is applied, and
 * the API may have been away just then. It is acknowledged after it has been written; one that came too late, because a
 * breaking migration was applied in the meantime, never is: the migration's container then ends with 5, and what the
 * retried one reports counts.
 */
export async function recordReports(
  settings: ReportSettings,
  { log, account, now, wallClock }: RecordPorts,
  writer: LedgerWriter,
  signal: AbortSignal,
  linger: AbortSignal,
): Promise<void> {
  const { identity, run, reportDirectory } = settings;
  await requireDirectory(reportDirectory);
  const trouble = recordTrouble(log, settings, account);
  const latestReport = reportReader(reportDirectory, log);
  const pace = writePace();
  let failures = 0;
  let notBeforeMs = 0;
  /** The run whose success is in the ledger: nothing that it reports later changes that. */
  let recordedRunId: string | undefined;
  let outdatedRunId: string | undefined;
  let success: RunReport | undefined;

  await attempt(() => writer.open(linger));
  using changes = watchReportDirectory(reportDirectory);
  for (;;) {
    if (linger.aborted) return log.warn("ended before the last report could be written");
    const ending = signal.aborted;
    const latest = await latestReport();
    const isSettled = latest?.runId === recordedRunId || latest?.runId === outdatedRunId;
    if (latest?.phase === "succeeded" && !isSettled) success ??= latest;
    const report = success ?? latest;
    const dueInMs = report && report.runId !== recordedRunId ? pace.dueInMs(report, now()) : undefined;
    const pauseMs = Math.max(notBeforeMs - now(), ending ? 0 : (dueInMs ?? 0));
    if (report && dueInMs !== undefined && pauseMs <= 0) await attempt(() => copy(report));
    else if (ending && dueInMs === undefined) return;
    else if (report && !isSettled && Math.max(pauseMs, pace.reviewInMs(now())) <= 0) await attempt(review);
    else await changes.next(dueInMs === undefined ? pollMs : Math.min(pollMs, pauseMs), ending ? linger : signal);
  }

  async function copy(report: RunReport): Promise<void> {
    const { phase, runId, progress } = report;
    const end = await writer.write(documentOfReport(identity, run, report), linger);
    if (end === "outdated") {
      log.warn({ identity, runId }, "the success came too late: a breaking migration was applied after it");
      outdatedRunId = runId;
      success = undefined;
      pace.written(report, now());
      return;
    }
    log.info({ phase, runId, progress }, "wrote the report into the ledger");
    if (phase === "succeeded") {
      const acknowledgement: Acknowledgement = { runId, recordedAt: wallClock() };
      await writeJsonFile(reportDirectory, acknowledgementFileName, acknowledgement);
      log.info({ identity, ledger: settings.ledger, ...report.success }, "the ledger holds the success");
      recordedRunId = runId;
      success = undefined;
    }
    pace.written(report, now());
  }

  async function review(): Promise<void> {
    pace.reviewed(await writer.hasStatus(linger), now());
  }

  async function attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      trouble.recovered();
      failures = 0;
    } catch (error) {
      if (linger.aborted) return;
      if (!(error instanceof ApiError) && !isSystemError(error)) throw error;
      trouble.failed(error);
      failures += 1;
      notBeforeMs = now() + backoffMs(failures, error instanceof ApiError ? error.retryAfterMs : undefined);
    }
  }
}

/** Reads the report as it is now; what cannot be used is reported once and leaves the last usable one standing. */
function reportReader(directory: string, log: Logger): () => Promise<RunReport | undefined> {
  let usable: RunReport | undefined;
  let lastProblem: string | undefined;
  return async () => {
    const file = await readReportText(directory);
    if (file.kind === "absent") return usable;
    const parsed = file.kind === "text" ? parseReport(file.text) : file;
    if (parsed.kind === "report") {
      usable = parsed.report;
      lastProblem = undefined;
    } else if (parsed.problem !== lastProblem) {
      lastProblem = parsed.problem;
      log.warn({ problem: parsed.problem }, "the report file is ignored");
    }
    return usable;
  };
}

async function requireDirectory(directory: string): Promise<void> {
  const isDirectory = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isDirectory)
    throw new UsageError(`--report: ${directory} is not a directory; mount the migration's emptyDir there`);
}

/** The directory's volume is full, or mounted read-only. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}
