import { type ApiObject, partOf, recordsOf, textOf } from "../api/named-object.ts";
import { decide } from "../gate/decide.ts";
import type { Gate } from "../gate/gate.ts";
import { type GateView, jobObserved, ledgerObserved, ownStatus, unseen } from "../gate/gate-view.ts";
import { ledgerData } from "../ledger/ledger.ts";
import { readEntry } from "../ledger/ledger-entry.ts";
import { failureText } from "../wait/explain-failure.ts";
import { stateLine } from "../wait/state-line.ts";
import { gateName } from "./gate-names.ts";
import type { WaitingPod } from "./waiting-pods.ts";

/** What is known about one gate: the document of `status --json`. Times are ISO 8601. */
export interface GateStatus {
  readonly gate: string;
  readonly release: string | undefined;
  /** `undefined`: there is only a ledger, and nothing in it. */
  readonly identity: string | undefined;
  readonly isOpen: boolean;
  readonly ledger: {
    readonly name: string;
    readonly state: "applied" | "not applied" | "absent" | "unknown";
    readonly since?: string | undefined;
    readonly appliedTo?: string | undefined;
  };
  readonly job: {
    readonly name: string | undefined;
    readonly state: "running" | "suspended" | "complete" | "failed" | "deleting" | "absent" | "unknown";
    readonly since?: string | undefined;
    readonly reason?: string | undefined;
    readonly message?: string | undefined;
  };
  /** `undefined`: pods may not be listed. */
  readonly waiting: readonly Omit<WaitingPod, "gates">[] | undefined;
  /** The reason or the progress, in words. */
  readonly detail: string;
}

/** The objects of a gate; `unknown`: they may not be listed. */
export interface GateObjects {
  readonly gate: Gate;
  readonly release: string | undefined;
  readonly ledger: ApiObject | undefined | "unknown";
  readonly job: ApiObject | undefined | "unknown";
  readonly waiting: readonly WaitingPod[] | "unknown";
}

/** Tells of a gate by the same reading of its objects that its waiters decide by. */
export function gateStatus({ gate, release, ledger, job, waiting }: GateObjects, namespace: string): GateStatus {
  const view = viewOf(gate, namespace, ledger, job);
  return {
    gate: gateName(gate),
    release,
    identity: gate.identity || undefined,
    isOpen: decide(view).kind === "open",
    ledger: ledgerStatus(gate, ledger),
    job: jobStatus(view, job),
    waiting: waiting === "unknown" ? undefined : waiting.map(({ gates: _, ...pod }) => pod),
    detail: detailOf(view, ledger),
  };
}

function viewOf(gate: Gate, namespace: string, ledger: GateObjects["ledger"], job: GateObjects["job"]): GateView {
  const start = unseen(gate, namespace, 0);
  const withLedger = ledger === "unknown" ? start : ledgerObserved(start, ledger, 0);
  return job === "unknown" ? withLedger : jobObserved(withLedger, job, 0);
}

function ledgerStatus({ ledger: name, identity }: Gate, ledger: GateObjects["ledger"]): GateStatus["ledger"] {
  if (ledger === "unknown") return { name, state: "unknown" };
  if (!ledger) return { name, state: "absent" };
  if (!identity || !Object.hasOwn(ledgerData(ledger), identity)) return { name, state: "not applied" };
  const { succeededAt, appliedTo } = readEntry(ledger, identity);
  return { name, state: "applied", since: succeededAt, appliedTo };
}

function jobStatus({ gate, job: { reading } }: GateView, object: GateObjects["job"]): GateStatus["job"] {
  const name = gate.job || undefined;
  if (object === "unknown") return { name, state: "unknown" };
  if (reading.kind !== "present") return { name, state: "absent" };
  const { kind, deleting, reason, message } = reading.value;
  const ended = recordsOf(partOf(object, "status", "conditions")).find(
    ({ type, status }) => (type === "Complete" || type === "Failed") && status === "True",
  );
  const since =
    textOf(ended, "lastTransitionTime") ??
    textOf(object, "status", "startTime") ??
    textOf(object, "metadata", "creationTimestamp");
  return { name, state: deleting ? "deleting" : kind, since, reason, message };
}

function detailOf(view: GateView, ledger: GateObjects["ledger"]): string {
  const decision = decide(view);
  if (decision.kind === "open") {
    const entry = typeof ledger === "object" ? readEntry(ledger, view.gate.identity) : undefined;
    return entry?.appliedTo ? `applied up to ${entry.appliedTo}` : "";
  }
  if (decision.kind === "failed") {
    const status = ownStatus(view);
    if (status?.phase === "failed" && status.failure) return failureText(status.failure);
    return [decision.job.reason, decision.job.message].filter((part) => part !== undefined).join(": ");
  }
  if (!view.gate.identity) return "no migration set has been applied or is being applied";
  if (view.job.reading.kind === "unread") return "";
  const { message, fields } = stateLine(view);
  const { attempt, progress, error, place } = fields;
  const told = progress ?? [message, place, error].filter((part) => part !== undefined).join(": ");
  return attempt === undefined ? told : `attempt ${attempt} of the Job: ${told}`;
}
