import { describe, expect, test } from "vitest";
import type { ApiObject } from "../api/named-object.ts";
import { recreatedJob } from "./recreated-job.ts";

const own = {
  "batch.kubernetes.io/controller-uid": "u",
  "batch.kubernetes.io/job-name": "blog-0a1b2c3d4e",
  "controller-uid": "u",
  "job-name": "blog-0a1b2c3d4e",
};
const podSpec = { restartPolicy: "Never", containers: [{ name: "migrate", image: "migrations:3" }] };

function job(metadata: object = {}, spec: object = {}): ApiObject {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: "blog-0a1b2c3d4e",
      namespace: "blog",
      uid: "u",
      resourceVersion: "7",
      generation: 1,
      creationTimestamp: "2026-11-22T12:00:00Z",
      ...metadata,
    },
    spec: {
      backoffLimit: 3,
      selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u" } },
      template: { metadata: { creationTimestamp: null, labels: { team: "web", ...own } }, spec: podSpec },
      ...spec,
    },
    status: { failed: 4 },
  } as ApiObject;
}

test("what controller and API server have set is left out, and everything else kept", () => {
  const labels = { "app.kubernetes.io/managed-by": "Helm" };
  const annotations = { "meta.helm.sh/release-name": "blog", "argocd.argoproj.io/tracking-id": "x" };
  const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "o" }];
  expect(recreatedJob(job({ labels, annotations, ownerReferences })).manifest).toEqual({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "blog-0a1b2c3d4e", namespace: "blog", labels, annotations, ownerReferences },
    spec: { backoffLimit: 3, template: { metadata: { labels: { team: "web" } }, spec: podSpec } },
  });
});

test("a selector of the user's own stays, with its labels", () => {
  const selector = { matchLabels: { team: "web" } };
  const { manifest } = recreatedJob(job({}, { manualSelector: true, selector }));
  expect(manifest.spec).toMatchObject({ selector, template: { metadata: { labels: own } } });
});

test("finalizers stay, but for those of a deletion", () => {
  const { manifest } = recreatedJob(job({ finalizers: ["foregroundDeletion", "example.com/keep", "orphan"] }));
  expect(manifest.metadata.finalizers).toEqual(["example.com/keep"]);
  expect(recreatedJob(job({ finalizers: ["orphan"] })).manifest.metadata).not.toHaveProperty("finalizers");
});

describe("the owner of the fields", () => {
  const template = { "f:spec": { "f:template": {} } };
  const controller = {
    manager: "kube-controller-manager",
    operation: "Update",
    subresource: "status",
    fieldsV1: template,
  };
  const label = { manager: "kubectl-label", operation: "Update", fieldsV1: { "f:metadata": {} } };

  test.each<[string, object[] | undefined, object]>([
    [
      "Helm 4, who applies",
      [label, { manager: "helm", operation: "Apply", fieldsV1: template }],
      { manager: "helm", operation: "Apply" },
    ],
    [
      "Helm 3, who updates",
      [controller, { manager: "helm", operation: "Update", fieldsV1: template }],
      { manager: "helm", operation: "Update" },
    ],
    [
      "whoever applies, before whoever updates",
      [
        { manager: "a", operation: "Update", fieldsV1: template },
        { manager: "b", operation: "Apply", fieldsV1: template },
      ],
      { manager: "b", operation: "Apply" },
    ],
    ["nobody known", undefined, { manager: "migration-gate", operation: "Update" }],
    ["nobody of the template", [controller, label], { manager: "migration-gate", operation: "Update" }],
  ])("is %s", (_what, managedFields, owner) => {
    expect(recreatedJob(job({ managedFields })).owner).toEqual(owner);
  });
});
