import { cutToBytes } from "@migration-gate/cli-runtime/cut-to-bytes";
import type { RunHistory, RunReport, RunSuccess } from "@migration-gate/run-report/report";

/** Who is recording: what the chart tells the container about its pod; what is unknown is left out. */
export interface RunOrigin {
  readonly job: string | undefined;
  readonly jobUid: string | undefined;
  readonly pod: string | undefined;
  readonly image: string | undefined;
}

/** What is to be in the ledger. */
export interface LedgerDocument {
  readonly identity: string;
  readonly origin: RunOrigin;
  readonly state: StatusState;
  /** The entry to be written, for a run that succeeded: plain text, as the keys of a ConfigMap hold it. */
  readonly entry: string | undefined;
  /** What the run knows of the database's history; `undefined` where its image does not tell. */
  readonly history: RunHistory | undefined;
}

/** Twenty of the largest entries and the largest status are below 32 KiB. */
const maxStatusBytes = 2048;
const maxEntryBytes = 1408;

/** Puts a report into the ledger's words. */
export function documentOfReport(identity: string, origin: RunOrigin, report: RunReport): LedgerDocument {
  const { success, history, updatedAt } = report;
  const entry = success && entryText(origin, updatedAt, success, history);
  return { identity, origin, state: report, entry, history };
}

/** The document of a migration that sends no report and of which we know only that it succeeded, at this time (ISO 8601). */
export function documentOfSuccess(identity: string, origin: RunOrigin, succeededAt: string): LedgerDocument {
  const state = { phase: "succeeded", startedAt: succeededAt, updatedAt: succeededAt } as const;
  return { identity, origin, state, entry: entryText(origin, succeededAt), history: undefined };
}

function entryText(
  { image, job, jobUid }: RunOrigin,
  succeededAt: string,
  { appliedFrom, appliedTo, applied, durationMs }: Partial<RunSuccess> = {},
  { readAt: historyReadAt, breakingAppliedAt }: Partial<RunHistory> = {},
): string {
  const head = { formatVersion: 1, succeededAt, job, jobUid, historyReadAt, breakingAppliedAt };
  return fitted(maxEntryBytes, head, { image, appliedFrom, appliedTo, applied, durationMs });
}

type StatusState = Pick<RunReport, "phase" | "startedAt" | "updatedAt" | "progress" | "lockWait" | "failure">;

/**
 * The text of a document's status. `attempt`: which of the Job's pods runs, where it is not the first.
 *
 * What a reader can use least is cut first: further blockers, then the ends of long texts.
 */
export function statusText({ identity, origin, state }: LedgerDocument, attempt?: number): string {
  const { job, jobUid, pod } = origin;
  const { phase, startedAt, updatedAt, progress, lockWait, failure } = state;
  const head = { formatVersion: 1, identity, job, jobUid, pod, attempt, phase, startedAt, updatedAt };
  const whole = JSON.stringify({ ...head, progress, lockWait, failure });
  if (Buffer.byteLength(whole) <= maxStatusBytes) return whole;
  const firstBlocker = lockWait && { ...lockWait, blockers: lockWait.blockers.slice(0, 1) };
  return fitted(maxStatusBytes, head, { progress, lockWait: firstBlocker, failure });
}

/** Cuts the texts of `rest` until both fit: quotation marks and backslashes take two bytes each, so that the bounds of parts do not bound the whole. */
function fitted(maxBytes: number, head: Readonly<Record<string, unknown>>, rest: object): string {
  let text = JSON.stringify({ ...head, ...rest });
  for (const cut of [1000, 800, 600, 400, 200, 100, 50]) {
    if (Buffer.byteLength(text) <= maxBytes) break;
    text = JSON.stringify({ ...head, ...rest }, (key, value: unknown) =>
      typeof value === "string" && !(key in head) ? cutToBytes(value, cut) : value,
    );
  }
  return text;
}
