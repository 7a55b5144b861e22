import type { StoredObject } from "./kube-api-store.ts";

export const gateLabels = {
  "app.kubernetes.io/name": "migration-gate",
  "app.kubernetes.io/instance": "blog",
  "app.kubernetes.io/managed-by": "Helm",
};

interface ReleasedJob {
  readonly identity: string;
  readonly uid?: string;
  readonly createdAt?: string;
  readonly condition?: { readonly type: string; readonly reason?: string; readonly message?: string };
  readonly release?: string;
}

/** A Job as Helm has created it and as the API server has completed it. */
export function releasedJob(options: ReleasedJob): StoredObject {
  const { identity, uid = "uid-1", createdAt = "2026-11-22T12:00:00Z", condition, release = "blog" } = options;
  const name = `${release}-${identity}`;
  const own = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const labels = { ...gateLabels, "app.kubernetes.io/instance": release };
  const ended = { status: "True", lastTransitionTime: createdAt, ...condition };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: "blog",
      uid,
      creationTimestamp: createdAt,
      generation: 1,
      labels,
      annotations: { "meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "blog" },
      managedFields: [
        { manager: "helm", operation: "Apply", fieldsV1: { "f:spec": { "f:template": {} } } },
        { manager: "kube-controller-manager", operation: "Update", subresource: "status", fieldsV1: {} },
      ],
    },
    spec: {
      backoffLimit: 3,
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
      template: {
        metadata: { creationTimestamp: null, labels: { ...labels, ...own } },
        spec: { restartPolicy: "Never", containers: [{ name: "migrate", image: "blog-migrations:v3" }] },
      },
    },
    status: { startTime: createdAt, ...(condition && { conditions: [ended] }) },
  };
}

export function releasedLedger(data?: Readonly<Record<string, string>>): StoredObject {
  return { metadata: { name: "blog-ledger", labels: gateLabels }, ...(data && { data }) };
}

export function waitingPodOf(identity: string, state: object = { running: {} }, name = "blog-7f6c"): StoredObject {
  const args = ["wait", `--job=blog-${identity}`, "--ledger=blog-ledger", `--identity=${identity}`, "--timeout=3900s"];
  return {
    metadata: { name },
    spec: { initContainers: [{ name: "wait-for-migrations", args }] },
    status: {
      phase: "Pending",
      startTime: "2026-11-22T12:00:00Z",
      initContainerStatuses: [{ name: "wait-for-migrations", restartCount: 0, state }],
    },
  };
}
