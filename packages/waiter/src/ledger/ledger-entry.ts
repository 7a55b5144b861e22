import { type ApiObject, isRecord } from "../api/named-object.ts";
import { identityPattern } from "../gate/gate.ts";
import { ledgerData } from "./ledger.ts";
import { plainText } from "./plain-text.ts";

/** What an entry tells of a success; it may tell nothing, and counts all the same. */
export interface LedgerEntry {
  readonly succeededAt: string | undefined;
  readonly appliedTo: string | undefined;
  readonly image: string | undefined;
}

export function readEntry(configMap: ApiObject, identity: string): LedgerEntry {
  const field = entryField(ledgerData(configMap)[identity]);
  return { succeededAt: field("succeededAt"), appliedTo: field("appliedTo"), image: field("image") };
}

/** The identity that was recorded last. */
export function newestIdentity(configMap: ApiObject): string | undefined {
  return newestFirst(ledgerData(configMap))[0];
}

/**
 * The identities of all entries, in the order of the database's clock, which all runs share; by its node's where an entry
 * does not know the other. One without a readable time counts as the oldest.
 */
export function newestFirst(data: Readonly<Record<string, unknown>>): string[] {
  const recordedAtMs = (identity: string) => {
    const field = entryField(data[identity]);
    return timeMs(field("historyReadAt")) || timeMs(field("succeededAt"));
  };
  const identities = Object.keys(data).filter((key) => identityPattern.test(key));
  return identities.sort((one, other) => recordedAtMs(other) - recordedAtMs(one));
}

/**
 * True for the entry of a run that did not know of a breaking migration finished at this time. The entry's own word for
 * it is by the same clock; where it has none (the migration's image sends no report), the time of its success must do.
 */
export function isUnawareOf(breakingAppliedAt: string, entry: unknown): boolean {
  const field = entryField(entry);
  const hasReadHistory = timeMs(field("historyReadAt")) > 0;
  return timeMs(field(hasReadHistory ? "breakingAppliedAt" : "succeededAt")) < timeMs(breakingAppliedAt);
}

/** Reads the entry's text fields; those of a later version keep their names and meaning. */
function entryField(text: unknown): (name: string) => string | undefined {
  const value = parse(text);
  return (name) => {
    const field = value[name];
    return typeof field === "string" ? plainText(field, 512) || undefined : undefined;
  };
}

function timeMs(time: string | undefined): number {
  return Date.parse(time ?? "") || 0;
}

function parse(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(text));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
