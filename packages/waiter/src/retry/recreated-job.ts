import type { V1Job, V1ManagedFieldsEntry, V1ObjectMeta } from "@kubernetes/client-node";
import type { ApiObject } from "../api/named-object.ts";

/** A Job as it has to be created to be the same Job again, and in whose name. */
export interface RecreatedJob {
  readonly manifest: V1Job & {
    readonly metadata: V1ObjectMeta & { readonly name: string; readonly namespace: string };
  };
  /** Whoever owns its fields now (Helm, Argo CD, kubectl) is to own them again, or it would meet conflicts later. */
  readonly owner: FieldOwner;
}

export interface FieldOwner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
}

/** What the Job controller puts into the pod template's labels; a new Job gets its own. */
const controllerLabels = [
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
  "controller-uid",
  "job-name",
];

/** Finalizers that only stand for a way of deletion. */
const deletionFinalizers = ["foregroundDeletion", "orphan"];

/**
 * Takes from a Job what its controller and the API server have put there, and nothing else: labels, annotations, owner
 * references and the whole spec stay, so that Helm and others go on owning it.
 */
export function recreatedJob(object: ApiObject): RecreatedJob {
  const { metadata = {}, spec } = object as unknown as V1Job;
  const { name = "", namespace = "", labels, annotations, ownerReferences, finalizers } = metadata;
  const lasting = finalizers?.filter((finalizer) => !deletionFinalizers.includes(finalizer)) ?? [];
  const kept: V1ObjectMeta & { name: string; namespace: string } = {
    name,
    namespace,
    ...(labels && { labels: withoutControllerLabels(labels) }),
    ...(annotations && { annotations }),
    ...(ownerReferences && { ownerReferences }),
    ...(lasting.length > 0 && { finalizers: lasting }),
  };
  const manifest = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: kept,
    ...(spec && { spec: withoutSelector(spec) }),
  };
  return { manifest, owner: fieldOwner(metadata.managedFields) };
}

/** With `manualSelector` the selector and its labels are the user's own, and stay. */
function withoutSelector(spec: NonNullable<V1Job["spec"]>): NonNullable<V1Job["spec"]> {
  if (spec.manualSelector) return spec;
  const { selector: _, template, ...others } = spec;
  const { labels, ...metadata } = template.metadata ?? {};
  const templateMetadata = { ...metadata, ...(labels && { labels: withoutControllerLabels(labels) }) };
  return { ...others, template: { ...template, metadata: withoutNulls(templateMetadata) } };
}

function withoutControllerLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !controllerLabels.includes(label)));
}

/** The API server writes `creationTimestamp: null` into templates. */
function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null)) as T;
}

/** The manager of the pod template, rather than of the status, or of a label that somebody has added. */
function fieldOwner(managedFields: readonly V1ManagedFieldsEntry[] = []): FieldOwner {
  const ofTemplate = managedFields.filter(({ subresource, fieldsV1 }) => !subresource && ownsTemplate(fieldsV1));
  const owner = ofTemplate.find(({ operation }) => operation === "Apply") ?? ofTemplate[0];
  return {
    manager: owner?.manager ?? "migration-gate",
    operation: owner?.operation === "Apply" ? "Apply" : "Update",
  };
}

function ownsTemplate(fields: unknown): boolean {
  const spec = (fields as Readonly<Record<string, unknown>> | undefined)?.["f:spec"];
  return typeof spec === "object" && spec !== null && "f:template" in spec;
}
