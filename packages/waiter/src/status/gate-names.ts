import type { Gate } from "../gate/gate.ts";

/** The labels that the chart puts on Jobs and ledgers; a release's name comes from the second. */
export const gateLabel = "app.kubernetes.io/name=migration-gate";
export const releaseLabel = "app.kubernetes.io/instance";

/** The gate of a Job that is named as the chart names it: `<fullname>-<identity>`, with the ledger `<fullname>-ledger`. */
export function gateOfJob(job: string): Gate | undefined {
  const [, fullname, identity] = /^(.+)-([0-9a-f]{10})$/.exec(job) ?? [];
  return fullname && identity ? { job, ledger: `${fullname}-ledger`, identity } : undefined;
}

/** True for a ledger as the chart names it; the ConfigMap with the SQL files has the same labels. */
export function isLedgerName(name: string): boolean {
  return name.endsWith("-ledger");
}

/** What people call the gate: the full name that its Job and ledger share. */
export function gateName({ ledger }: Pick<Gate, "ledger">): string {
  return ledger.replace(/-ledger$/, "");
}
