import type { V1Job, V1Pod, V1PodSpec } from "@kubernetes/client-node";
import { gatesOfArguments } from "../../packages/waiter/src/status/waiting-pods.ts";
import type { LoadSample } from "../environment/load.ts";
import type { ClusterEvent } from "./recorder.ts";
import { readableSayings, type Saying } from "./sayings.ts";

/** What happened to the Jobs, pods and requests of a namespace, ready to be drawn. Times are milliseconds since the epoch. */
export interface Timeline {
  readonly from: number;
  readonly to: number;
  readonly marks: readonly Mark[];
  readonly lanes: readonly Lane[];
  /** What the ledger said of the newest run, as long as a person needs to read it. */
  readonly sayings: readonly Saying[];
  readonly load: readonly LoadSecond[];
}

/** Something the operator did. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** The life of one Job or one application pod. */
export interface Lane {
  readonly kind: "Job" | "Pod";
  readonly name: string;
  /** Pods of one ReplicaSet share it; empty for Jobs. */
  readonly template: string;
  /** The migrations that a pod waits for; none for Jobs. */
  readonly awaits: readonly string[];
  readonly spans: readonly Span[];
}

export interface Span {
  readonly state: LaneState;
  readonly from: number;
  readonly to: number;
}

export type LaneState = PodState | JobState;
export type PodState = "pending" | "waiting" | "refused" | "starting" | "ready" | "terminating";
export type JobState = "running" | "complete" | "failed";

export interface LoadSecond {
  readonly at: number;
  readonly answered: number;
  readonly failed: number;
}

/** Draws the recorded events together. Pods of Jobs and of other applications (without `application`'s name label) are left out. */
export function buildTimeline(
  events: readonly ClusterEvent[],
  samples: readonly LoadSample[],
  marks: readonly Mark[],
  application: string,
): Timeline {
  const times = [...events, ...samples, ...marks].map((entry) => entry.at);
  const to = times.reduce((latest, at) => Math.max(latest, at), 0);
  const from = times.reduce((earliest, at) => Math.min(earliest, at), to);
  const shown = events.filter((event): event is LaneEvent =>
    event.kind === "Pod" ? isApplicationPod(event.object, application) : event.kind === "Job",
  );
  const byObject = Map.groupBy(shown, (event) => event.object.metadata?.uid ?? "");
  const lanes = [...byObject.values()].map((own) => lane(own, to));
  return { from, to, marks, lanes, sayings: readableSayings(events, to), load: loadPerSecond(samples) };
}

type LaneEvent = Exclude<ClusterEvent, { kind: "ConfigMap" }>;

function lane(events: readonly LaneEvent[], end: number): Lane {
  const first = events[0] as LaneEvent;
  const spans: Span[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type === "DELETED") break;
    const state = event.kind === "Pod" ? podState(event.object) : jobState(event.object);
    const until = events[index + 1]?.at ?? end;
    const last = spans.at(-1);
    if (last?.state === state) spans[spans.length - 1] = { ...last, to: until };
    else spans.push({ state, from: event.at, to: until });
  }
  const metadata = first.object.metadata;
  return {
    kind: first.kind,
    name: metadata?.name ?? "",
    template: metadata?.labels?.["pod-template-hash"] ?? "",
    awaits: first.kind === "Pod" ? awaitedIdentities(first.object.spec) : [],
    spans,
  };
}

/** The identities that a pod's waiters wait for; the same of a template for pods. */
export function awaitedIdentities(spec: V1PodSpec | undefined): string[] {
  const gates = spec?.initContainers?.flatMap(({ args = [] }) => gatesOfArguments(args) ?? []) ?? [];
  return gates.map(({ identity }) => identity);
}

/** Tells an application's pods from those of Jobs and of other applications. */
export function isApplicationPod(pod: V1Pod, application: string): boolean {
  const labels = pod.metadata?.labels ?? {};
  return labels["app.kubernetes.io/name"] === application && labels["pod-template-hash"] !== undefined;
}

/** Where an application pod stands on its way through the gate. */
export function podState(pod: V1Pod): PodState {
  if (pod.metadata?.deletionTimestamp) return "terminating";
  if (pod.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True"))
    return "ready";
  const gate = pod.status?.initContainerStatuses?.[0];
  if (!gate) return "pending";
  if (gate.state?.running) return "waiting";
  if (gate.state?.terminated?.exitCode === 0) return "starting";
  return gate.state?.terminated || gate.lastState?.terminated ? "refused" : "pending";
}

export function jobState(job: V1Job): JobState {
  const isTrue = (type: string) =>
    job.status?.conditions?.some((condition) => condition.type === type && condition.status === "True");
  if (isTrue("Complete")) return "complete";
  return isTrue("Failed") || isTrue("FailureTarget") ? "failed" : "running";
}

function loadPerSecond(samples: readonly LoadSample[]): LoadSecond[] {
  const bySecond = Map.groupBy(samples, (sample) => Math.floor((sample.at + sample.durationMs) / 1000) * 1000);
  return [...bySecond]
    .map(([at, answers]) => {
      const failed = answers.filter((sample) => sample.failure !== undefined).length;
      return { at, answered: answers.length - failed, failed };
    })
    .sort((a, b) => a.at - b.at);
}
