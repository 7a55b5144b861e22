import type { V1JobCondition } from "@kubernetes/client-node";
import { type ApiObject, isRecord } from "../api/named-object.ts";
import { plainText } from "../ledger/plain-text.ts";

/** What a Job is at, from its conditions alone. */
export interface JobState {
  readonly uid: string;
  readonly kind: "complete" | "failed" | "suspended" | "running";
  /** Somebody deleted it, and it is about to go. */
  readonly deleting: boolean;
  /** Of the condition that says failed: `BackoffLimitExceeded`, `PodFailurePolicy`, `DeadlineExceeded`, … */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  /** By the API server's clock, milliseconds since the epoch. */
  readonly startedAtMs: number | undefined;
  /** The controller that runs it instead of Kubernetes' own. */
  readonly managedBy: string | undefined;
  /** `migrate` runs before `record` and not beside it: another tool's image, of which only its exit code is heard. */
  readonly isOtherTool: boolean;
}

type Condition = Pick<V1JobCondition, "type" | "status" | "reason" | "message">;

/**
 * Reads a Job.
 *
 * Only conditions count, and only with status "True": `status.failed` counts pods, `active` is 0 between two attempts,
 * and `SuccessCriteriaMet` is not yet the end. `FailureTarget` is: the Job will fail once its pods are gone
 * (https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions).
 */
export function readJob(job: ApiObject): JobState {
  const { metadata, spec, status } = job as { metadata: ApiObject["metadata"]; spec?: unknown; status?: unknown };
  const conditions = trueConditions(isRecord(status) ? status["conditions"] : undefined);
  const find = (type: Condition["type"]) => conditions.find((condition) => condition.type === type);
  const failure = find("Failed") ?? find("FailureTarget");
  const suspended = isRecord(spec) && spec["suspend"] === true;
  return {
    uid: String(metadata.uid),
    kind: find("Complete") ? "complete" : failure ? "failed" : suspended ? "suspended" : "running",
    deleting: Boolean((metadata as { deletionTimestamp?: unknown }).deletionTimestamp),
    reason: text(failure?.reason),
    message: text(failure?.message),
    startedAtMs: timeMs(isRecord(status) ? status["startTime"] : undefined),
    managedBy: isRecord(spec) ? text(spec["managedBy"]) : undefined,
    isOtherTool: initContainerNames(spec).includes("migrate"),
  };
}

function initContainerNames(spec: unknown): unknown[] {
  const template = isRecord(spec) ? spec["template"] : undefined;
  const podSpec = isRecord(template) ? template["spec"] : undefined;
  const containers = isRecord(podSpec) ? podSpec["initContainers"] : undefined;
  return Array.isArray(containers) ? containers.filter(isRecord).map(({ name }) => name) : [];
}

function trueConditions(value: unknown): Condition[] {
  if (!Array.isArray(value)) return [];
  return value.filter((condition) => isRecord(condition) && condition["status"] === "True");
}

function timeMs(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? plainText(value, 1024) || undefined : undefined;
}
