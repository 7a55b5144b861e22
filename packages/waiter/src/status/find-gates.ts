import { type ApiObject, textOf } from "../api/named-object.ts";
import type { Gate } from "../gate/gate.ts";
import { readJob } from "../gate/job-state.ts";
import { newestIdentity } from "../ledger/ledger-entry.ts";
import { gateName, gateOfJob, isLedgerName, releaseLabel } from "./gate-names.ts";
import type { GateObjects } from "./gate-status.ts";
import type { WaitingPod } from "./waiting-pods.ts";

/** What a namespace has of gates; `undefined`: it may not be listed. */
export interface NamespaceObjects {
  readonly jobs: readonly ApiObject[] | undefined;
  /** With the gate's labels: ledgers and others. */
  readonly configMaps: readonly ApiObject[] | undefined;
  readonly waiting: readonly WaitingPod[] | undefined;
}

/**
 * Puts together which gates there are. A gate shows by any of its parts: a Job, pods that wait at it, or a ledger alone
 * once the Job is gone and nobody waits; then it is the identity that was recorded last. Complete Jobs that a newer one of
 * the same ledger has superseded, and for which no pod waits, are left out.
 */
export function findGates(objects: NamespaceObjects, release: string | undefined): GateObjects[] {
  const { jobs, configMaps, waiting } = objects;
  const ledgers = configMaps?.filter(({ metadata }) => isLedgerName(metadata.name));
  const gates = new Map<string, Gate>();
  const add = (gate: Gate) => gates.set(`${gate.job}:${gate.ledger}:${gate.identity}`, gate);
  for (const job of currentJobs(jobs ?? [])) add(gateOfJob(job.metadata.name) as Gate);
  for (const gate of waiting?.flatMap((pod) => pod.gates) ?? []) {
    if (release === undefined || isOfRelease(gate, release, ledgers)) add(gate);
  }
  const seen = new Set([...gates.values()].map(({ ledger }) => ledger));
  for (const ledger of ledgers ?? []) if (!seen.has(ledger.metadata.name)) add(gateOfLedger(ledger));

  const byName = (objects: readonly ApiObject[] | undefined, name: string) =>
    objects ? objects.find((object) => object.metadata.name === name) : ("unknown" as const);
  return [...gates.values()]
    .map((gate) => {
      const job = byName(jobs, gate.job);
      const ledger = byName(ledgers, gate.ledger);
      const isAtGate = (pod: WaitingPod) => pod.gates.some((one) => one.job === gate.job && one.ledger === gate.ledger);
      return {
        gate,
        job,
        ledger,
        release: releaseOf(job) ?? releaseOf(ledger),
        waiting: waiting ? waiting.filter(isAtGate) : ("unknown" as const),
      };
    })
    .sort(
      (one, other) =>
        compare(gateName(one.gate), gateName(other.gate)) || createdAtMs(one.job) - createdAtMs(other.job),
    );
}

/** The newest Job of each ledger, and every other that has not been completed; all of them named as the chart does. */
function currentJobs(jobs: readonly ApiObject[]): ApiObject[] {
  const newest = newestJobs(jobs);
  const named = jobs.filter((job) => gateOfJob(job.metadata.name));
  return named.filter((job) => newest.includes(job) || readJob(job).kind !== "complete");
}

/** The newest Job of each ledger, of those that are named as the chart does. */
export function newestJobs(jobs: readonly ApiObject[]): ApiObject[] {
  const newest = new Map<string, ApiObject>();
  for (const job of jobs) {
    const ledger = gateOfJob(job.metadata.name)?.ledger;
    if (ledger !== undefined && createdAtMs(job) >= createdAtMs(newest.get(ledger))) newest.set(ledger, job);
  }
  return [...newest.values()];
}

function gateOfLedger(ledger: ApiObject): Gate {
  const { name } = ledger.metadata;
  const identity = newestIdentity(ledger) ?? "";
  return { job: identity && `${gateName({ ledger: name })}-${identity}`, ledger: name, identity };
}

/** A pod carries no label of the gate: its ledger does, and where that cannot be seen, its name begins with the release's. */
function isOfRelease({ ledger }: Gate, release: string, ledgers: readonly ApiObject[] | undefined): boolean {
  return (
    ledgers?.some(({ metadata }) => metadata.name === ledger) || `${gateName({ ledger })}-`.startsWith(`${release}-`)
  );
}

function releaseOf(object: ApiObject | undefined | "unknown"): string | undefined {
  return textOf(object, "metadata", "labels", releaseLabel);
}

function createdAtMs(object: ApiObject | undefined | "unknown"): number {
  return Date.parse(textOf(object, "metadata", "creationTimestamp") ?? "") || 0;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
