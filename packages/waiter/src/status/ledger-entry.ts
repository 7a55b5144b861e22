import { type ApiObject, isRecord } from "../api/named-object.ts";
import { identityPattern } from "../gate/gate.ts";
import { ledgerData } from "../ledger/ledger.ts";
import { plainText } from "../ledger/plain-text.ts";

/** What an entry tells of a success; it may tell nothing, and counts all the same. */
export interface LedgerEntry {
  readonly succeededAt: string | undefined;
  readonly appliedTo: string | undefined;
  readonly image: string | undefined;
}

export function readEntry(configMap: ApiObject, identity: string): LedgerEntry {
  const value = parse(ledgerData(configMap)[identity]);
  const field = (name: string) => {
    const text = value[name];
    return typeof text === "string" ? plainText(text, 512) || undefined : undefined;
  };
  return { succeededAt: field("succeededAt"), appliedTo: field("appliedTo"), image: field("image") };
}

/** The identity that was recorded last. */
export function newestIdentity(configMap: ApiObject): string | undefined {
  const succeededAtMs = (identity: string) => Date.parse(readEntry(configMap, identity).succeededAt ?? "") || 0;
  const identities = Object.keys(ledgerData(configMap)).filter((key) => identityPattern.test(key));
  return identities.sort((one, other) => succeededAtMs(other) - succeededAtMs(one))[0];
}

function parse(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(text));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
