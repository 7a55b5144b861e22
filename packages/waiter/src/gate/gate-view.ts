import type { ApiError, TroubleKind } from "../api/api-error.ts";
import type { ApiObject, NamedObject } from "../api/named-object.ts";
import { type Ledger, type LedgerStatus, readLedger } from "../ledger/ledger.ts";
import type { Gate } from "./gate.ts";
import { type JobState, readJob } from "./job-state.ts";

/** All that is known about one gate: plain data from which every decision is made. Times are monotonic milliseconds. */
export interface GateView {
  readonly gate: Gate;
  readonly namespace: string;
  readonly ledger: Seen<Ledger>;
  readonly job: Seen<JobState>;
  /** The Job's uid as last seen, also after it has gone; `undefined`: it never existed, as far as we saw. */
  readonly lastJobUid: string | undefined;
}

export interface Seen<T> {
  readonly reading: Reading<T>;
  /** What kept the latest attempt from reading it again; the older reading still stands. */
  readonly trouble: Trouble | undefined;
}

export type Reading<T> =
  | { readonly kind: "unread"; readonly sinceMs: number }
  | { readonly kind: "absent"; readonly sinceMs: number }
  | { readonly kind: "present"; readonly sinceMs: number; readonly value: T };

export interface Trouble {
  readonly kind: TroubleKind;
  readonly sinceMs: number;
  readonly error: ApiError;
}

/** Where a gate's ledger is. */
export function ledgerOf({ gate, namespace }: GateView): NamedObject {
  return { namespace, resource: "configmaps", name: gate.ledger };
}

export function unseen(gate: Gate, namespace: string, nowMs: number): GateView {
  const nothing = { reading: { kind: "unread", sinceMs: nowMs }, trouble: undefined } as const;
  return { gate, namespace, ledger: nothing, job: nothing, lastJobUid: undefined };
}

export function ledgerObserved(view: GateView, configMap: ApiObject | undefined, nowMs: number): GateView {
  return { ...view, ledger: seen(view.ledger, configMap && readLedger(configMap), nowMs, false) };
}

export function jobObserved(view: GateView, job: ApiObject | undefined, nowMs: number): GateView {
  const value = job && readJob(job);
  const another = value !== undefined && value.uid !== view.lastJobUid;
  return { ...view, job: seen(view.job, value, nowMs, another), lastJobUid: value?.uid ?? view.lastJobUid };
}

export function troubled(view: GateView, what: "ledger" | "job", error: ApiError, nowMs: number): GateView {
  const before = view[what].trouble;
  const sinceMs = before?.kind === error.trouble ? before.sinceMs : nowMs;
  return { ...view, [what]: { ...view[what], trouble: { kind: error.trouble, sinceMs, error } } };
}

/** The ledger's status where it is about this gate's Job; that of any other run says nothing about it. */
export function ownStatus(view: GateView): LedgerStatus | undefined {
  const status = view.ledger.reading.kind === "present" ? view.ledger.reading.value.status : undefined;
  if (status?.identity !== view.gate.identity) return undefined;
  if (status.job !== undefined && status.job !== view.gate.job) return undefined;
  const uid = view.job.reading.kind === "present" ? view.job.reading.value.uid : undefined;
  return status.jobUid === undefined || uid === undefined || status.jobUid === uid ? status : undefined;
}

/**
 * The Job's uid as last seen, or as the ledger's newest run tells it to a pod that came too late. `undefined` where neither
 * does, which is no proof that there never was a Job: a later run has the ledger's status, or it was told without a uid.
 */
export function knownJobUid(view: GateView): string | undefined {
  return view.lastJobUid ?? ownStatus(view)?.jobUid;
}

function seen<T>(before: Seen<T>, value: T | undefined, nowMs: number, anew: boolean): Seen<T> {
  const kind = value === undefined ? "absent" : "present";
  const sinceMs = before.reading.kind === kind && !anew ? before.reading.sinceMs : nowMs;
  const reading: Reading<T> = value === undefined ? { kind: "absent", sinceMs } : { kind: "present", sinceMs, value };
  return { reading, trouble: undefined };
}
