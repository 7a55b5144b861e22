import { breakingAppliedAtMs, breakingKey, readStatus, statusKey } from "./ledger.ts";
import { type LedgerDocument, statusText } from "./ledger-document.ts";
import { isUnawareOf, newestFirst } from "./ledger-entry.ts";

/** `outdated`: nothing may be written, because a breaking migration was applied after this run had read the history. */
export type LedgerPatch =
  | { readonly kind: "data"; readonly data: Readonly<Record<string, string | null>> }
  | { readonly kind: "outdated" };

const keptEntries = 20;

/**
 * Makes the `data` of a merge patch: what is new, and `null` for what has to go.
 *
 * Of the entries, the newest 20 stay, and none of a run that did not know of the last breaking migration that this run
 * knows of. Only keys that have the form of an identity, and never an entry that is being written, are ever removed.
 */
export function ledgerPatch(document: LedgerDocument, data: Readonly<Record<string, unknown>>): LedgerPatch {
  const { identity, entry, history } = document;
  const lastBreakingMs = lastKnownBreakingMs(data);
  const knownBreakingMs = Date.parse(history?.breakingAppliedAt ?? "") || 0;
  if (entry !== undefined && history && knownBreakingMs < lastBreakingMs) {
    // A run that has read the history since then did not find it there: the database was restored or exchanged.
    if (Date.parse(history.readAt) <= lastBreakingMs) return { kind: "outdated" };
  }
  const isWritten = (key: string) => key === identity && entry !== undefined;
  const others = newestFirst(data).filter((key) => !isWritten(key));
  const removed = others.filter(
    (key, index) =>
      (entry !== undefined && index >= keptEntries - 1) ||
      (history?.breakingAppliedAt !== undefined && isUnawareOf(history.breakingAppliedAt, data[key])),
  );
  return {
    kind: "data",
    data: {
      [statusKey]: statusText(document, attemptOf(document, data)),
      ...(entry !== undefined && { [identity]: entry }),
      ...(knownBreakingMs > lastBreakingMs && { [breakingKey]: breakingText(knownBreakingMs) }),
      ...Object.fromEntries(removed.map((key) => [key, null])),
    },
  };
}

/** Counts the Job's pods that have told of themselves; `undefined` for the first, and where nobody knows. */
function attemptOf({ origin }: LedgerDocument, data: Readonly<Record<string, unknown>>): number | undefined {
  const last = readStatus(data);
  if (last?.jobUid === undefined || last.jobUid !== origin.jobUid) return undefined;
  if (last.pod === undefined || origin.pod === undefined) return undefined;
  return last.pod === origin.pod ? last.attempt : (last.attempt ?? 1) + 1;
}

/** 0 also for what cannot be read: it must not keep a success out for ever. */
function lastKnownBreakingMs(data: Readonly<Record<string, unknown>>): number {
  const time = breakingAppliedAtMs(data);
  return time !== undefined && Number.isFinite(time) ? time : 0;
}

function breakingText(appliedAtMs: number): string {
  return JSON.stringify({ formatVersion: 1, appliedAt: new Date(appliedAtMs).toISOString() });
}
