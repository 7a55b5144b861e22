import type { V1ConfigMap, V1Job, V1ObjectMeta, V1Pod, V1PodTemplateSpec } from "@kubernetes/client-node";
import {
  awaitedIdentities,
  type JobState,
  jobState,
  type PodState,
  podState,
} from "../../../tools/timeline/timeline.ts";

/** What of a release's objects a story is about. Lists are in the order of names, so that two states can be compared. */
export interface ReleaseState {
  readonly jobs: readonly MigrationJob[];
  /** The ledger's entries, by identity. */
  readonly applied: Readonly<Record<string, LedgerEntry>>;
  readonly pods: readonly GatedPod[];
  /** Every workload with a gate; the identity that its newest pods wait for. */
  readonly workloads: readonly { readonly name: string; readonly generation: number; readonly awaits: string }[];
}

export interface LedgerEntry {
  readonly succeededAt: string;
  /** How many migrations that run applied. */
  readonly applied: number;
}

export interface MigrationJob {
  readonly name: string;
  readonly uid: string;
  readonly state: JobState;
}

export interface GatedPod {
  readonly name: string;
  readonly uid: string;
  readonly state: PodState;
  /** The identity that its waiter waits for, or waited for; of several gates, the first one's. */
  readonly awaits: string;
  readonly restarts: number;
  /** How the waiter ended last without opening the gate. */
  readonly refusal?: { readonly exitCode: number; readonly message: string };
}

/** True once only pods of the newest template are left, all of them ready. */
export function arePodsServing({ pods, workloads }: ReleaseState): boolean {
  const awaited = workloads.map(({ awaits }) => awaits);
  return pods.length > 0 && pods.every(({ state, awaits }) => state === "ready" && awaited.includes(awaits));
}

/** The same, and their Jobs have nothing more to do. */
export function isServing(state: ReleaseState): boolean {
  return arePodsServing(state) && state.jobs.every((job) => job.state !== "running");
}

/** The identity that the newest pods of the application wait for. */
export function identityOf({ workloads }: ReleaseState): string {
  return workloads[0]?.awaits ?? "";
}

export function hasWaitingPod({ pods }: ReleaseState, identity?: string): boolean {
  return pods.some(({ state, awaits }) => state === "waiting" && (identity === undefined || awaits === identity));
}

/** The pod whose waiter ended because its Job failed. */
export function refusedPod({ pods }: ReleaseState): GatedPod | undefined {
  return pods.find(({ state, refusal }) => state === "refused" && refusal?.exitCode === 10);
}

/** The kinds that {@link releaseState} reads, as kubectl spells them. */
export const releaseKinds = "jobs,configmaps,pods,deployments,statefulsets,daemonsets,cronjobs";

/** Reads the state from the items of one listing of `releaseKinds`. */
export function releaseState(items: readonly ListedObject[]): ReleaseState {
  const sorted = items.toSorted((left, right) => nameOf(left).localeCompare(nameOf(right)));
  return {
    jobs: sorted.filter(isMigrationJob).map((object) => {
      const job = object as V1Job;
      return { name: nameOf(object), uid: job.metadata?.uid ?? "", state: jobState(job) };
    }),
    applied: Object.fromEntries(
      sorted
        .filter(({ kind }) => kind === "ConfigMap")
        .flatMap((object) => Object.entries((object as V1ConfigMap).data ?? {}))
        .filter(([key]) => /^[0-9a-f]{10}$/.test(key))
        .map(([identity, entry]) => [identity, JSON.parse(entry)]),
    ),
    pods: sorted.filter(({ kind }) => kind === "Pod").flatMap((object) => gatedPod(object as V1Pod)),
    workloads: sorted.filter(({ kind }) => kind !== "Pod").flatMap(workload),
  };
}

/** As much of an object as tells what it is. */
export interface ListedObject {
  readonly kind: string;
  readonly metadata: V1ObjectMeta;
  readonly spec?: object;
}

function isMigrationJob({ kind, metadata }: ListedObject): boolean {
  return kind === "Job" && metadata.labels?.["app.kubernetes.io/name"] === "migration-gate";
}

function gatedPod(pod: V1Pod): GatedPod[] {
  const [awaits] = awaitedIdentities(pod.spec);
  if (awaits === undefined) return [];
  const waiter = pod.status?.initContainerStatuses?.[0];
  const ended = waiter?.state?.terminated ?? waiter?.lastState?.terminated;
  return [
    {
      name: pod.metadata?.name ?? "",
      uid: pod.metadata?.uid ?? "",
      state: podState(pod),
      awaits,
      restarts: waiter?.restartCount ?? 0,
      ...(ended && ended.exitCode !== 0 && { refusal: { exitCode: ended.exitCode, message: ended.message ?? "" } }),
    },
  ];
}

function workload(object: ListedObject): ReleaseState["workloads"] {
  const spec = object.spec as
    | { template?: V1PodTemplateSpec; jobTemplate?: { spec?: { template?: V1PodTemplateSpec } } }
    | undefined;
  const [awaits] = awaitedIdentities((spec?.jobTemplate?.spec?.template ?? spec?.template)?.spec);
  return awaits === undefined ? [] : [{ name: nameOf(object), generation: object.metadata.generation ?? 0, awaits }];
}

function nameOf({ metadata }: ListedObject): string {
  return metadata.name ?? "";
}
