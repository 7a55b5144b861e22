import { cutToBytes } from "@migration-gate/cli-runtime/cut-to-bytes";
import type { RunReport, RunSuccess } from "@migration-gate/run-report/report";
import { identityPattern } from "../gate/gate.ts";
import { statusKey } from "./ledger.ts";

/** Who is recording: what the chart tells the container about its pod; what is unknown is left out. */
export interface RunOrigin {
  readonly job: string | undefined;
  readonly jobUid: string | undefined;
  readonly pod: string | undefined;
  readonly image: string | undefined;
}

/** What is to be in the ledger; plain text, as the keys of a ConfigMap hold it. */
export interface LedgerDocument {
  readonly identity: string;
  readonly status: string;
  /** The entry to be written, for a run that succeeded. */
  readonly entry: string | undefined;
  /** The entries of other identities from before this moment are to go: ISO 8601. */
  readonly breakingAppliedAt: string | undefined;
}

const maxStatusBytes = 2048;
const keptEntries = 20;

/** Puts a report into the ledger's words. `now` is ISO 8601. */
export function documentOfReport(identity: string, origin: RunOrigin, report: RunReport, now: string): LedgerDocument {
  const { success, ...state } = report;
  return {
    identity,
    status: statusText(identity, origin, state),
    entry: success && entryText(origin, success, now),
    breakingAppliedAt: success?.breakingAppliedAt,
  };
}

/** The document of a migration that sends no report and of which we know only that it succeeded. */
export function documentOfSuccess(identity: string, origin: RunOrigin, now: string): LedgerDocument {
  const state = { phase: "succeeded", startedAt: now, updatedAt: now } as const;
  return {
    identity,
    status: statusText(identity, origin, state),
    entry: entryText(origin, {}, now),
    breakingAppliedAt: undefined,
  };
}

/**
 * Makes the `data` of a merge patch: what is new, and `null` for what has to go. Of the entries, the newest 20 stay,
 * and none of other identities from before the last breaking migration. Only keys that have the form of an identity,
 * and never the one being written, are ever removed.
 */
export function ledgerPatch(
  document: LedgerDocument,
  data: Readonly<Record<string, unknown>>,
): Record<string, string | null> {
  const { identity, status, entry, breakingAppliedAt } = document;
  if (entry === undefined) return { [statusKey]: status };
  const others = Object.keys(data)
    .filter((key) => identityPattern.test(key) && key !== identity)
    .sort((one, other) => succeededAtMs(data[other]) - succeededAtMs(data[one]));
  const keptFromMs = breakingAppliedAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(breakingAppliedAt);
  const removed = others.filter((key, index) => index >= keptEntries - 1 || succeededAtMs(data[key]) < keptFromMs);
  return { [statusKey]: status, [identity]: entry, ...Object.fromEntries(removed.map((key) => [key, null])) };
}

function entryText({ image, job, jobUid }: RunOrigin, success: Partial<RunSuccess>, now: string): string {
  const { appliedFrom, appliedTo, applied, durationMs, breakingAppliedAt = now } = success;
  // The database's clock may be ahead of ours: this set knows the breaking migration, so its entry is not from before it.
  const succeededAt = breakingAppliedAt > now ? breakingAppliedAt : now;
  return JSON.stringify({ succeededAt, image, job, jobUid, appliedFrom, appliedTo, applied, durationMs });
}

type StatusState = Pick<RunReport, "phase" | "startedAt" | "updatedAt" | "progress" | "lockWait" | "failure">;

/** What a reader can use least goes first: further blockers, then the ends of long texts. */
function statusText(identity: string, { job, jobUid, pod }: RunOrigin, state: StatusState): string {
  const { phase, startedAt, updatedAt, progress, lockWait, failure } = state;
  const head = { formatVersion: 1, identity, job, jobUid, pod, phase, startedAt, updatedAt };
  let status = JSON.stringify({ ...head, progress, lockWait, failure });
  const firstBlocker = lockWait && { ...lockWait, blockers: lockWait.blockers.slice(0, 1) };
  // Quotation marks and backslashes take two bytes each, so the bounds of the parts do not bound the whole.
  for (const maxBytes of [1000, 800, 600, 400, 200, 100, 50]) {
    if (Buffer.byteLength(status) <= maxStatusBytes) break;
    status = JSON.stringify({ ...head, progress, lockWait: firstBlocker, failure }, (key, value: unknown) =>
      typeof value === "string" && !(key in head) ? cutToBytes(value, maxBytes) : value,
    );
  }
  return status;
}

function succeededAtMs(entry: unknown): number {
  try {
    const time = Date.parse((JSON.parse(String(entry)) as { succeededAt?: string }).succeededAt ?? "");
    return Number.isNaN(time) ? 0 : time;
  } catch {
    return 0;
  }
}
