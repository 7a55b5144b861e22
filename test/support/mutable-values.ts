import { isolated } from "./helm-charts.ts";

/** Each value that Kubernetes can change in a Job, or that is not part of it, with a new value. */
export const mutableValues: readonly (readonly [path: string, value: unknown])[] = [
  ["commonLabels", { "app.example/commit": "0123abc" }],
  ["commonAnnotations", { "app.example/owner": "shop" }],
  ["global.storageClass", "fast"],
  ["image.allowMutableTag", true],
  ["job.suspend", true],
  ["extraObjects", [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" } }]],
  ["job.backoffLimit", 5],
  ["job.activeDeadlineSeconds", 7200],
  ["job.ttlSecondsAfterFinished", 86_400],
  ["job.annotations", { "argocd.argoproj.io/sync-wave": "1" }],
  ["job.labels", { "app.example/commit": "0123abc" }],
  ["waiter.timeoutSeconds", 9000],
  ["waiter.serviceAccountNames", ["web"]],
  ["serviceAccount.create", false],
  ["serviceAccount.labels", { team: "shop" }],
  ["serviceAccount.annotations", { "iam.example/role": "owner" }],
  ["test.enabled", false],
  ["test.serviceAccountName", "web"],
  ["rbac.create", false],
  ["networkPolicy", isolated],
];
