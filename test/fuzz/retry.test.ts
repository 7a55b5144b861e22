import fc from "fast-check";
import { expect } from "vitest";
import type { ApiObject } from "../../packages/waiter/src/api/named-object.ts";
import { chooseJob } from "../../packages/waiter/src/retry/choose-job.ts";
import { RetryRefusedError } from "../../packages/waiter/src/retry/errors.ts";
import { recreatedJob } from "../../packages/waiter/src/retry/recreated-job.ts";
import { hostileText } from "../support/hostile-text.ts";
import { releasedJob } from "../support/kube-api-release.ts";
import { mutatedJson } from "../support/mutated-json.ts";
import { fuzz } from "./fuzz.ts";

const text = fc.oneof(fc.string(), fc.constant(hostileText));
const texts = fc.dictionary(text, text, { maxKeys: 4 });
const field = fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text, { maxLength: 2 }), texts);
const podSpec = fc.record({
  restartPolicy: fc.constant("Never"),
  containers: fc.array(fc.dictionary(text, field, { maxKeys: 4 }), { maxLength: 2 }),
});

/** A Job as somebody has written it; absent fields are absent. */
const writtenJob = fc.record({
  metadata: fc.record(
    {
      name: fc.constant("blog-0a1b2c3d4e"),
      namespace: fc.constant("blog"),
      labels: texts,
      annotations: texts,
      ownerReferences: fc.array(fc.dictionary(text, text, { maxKeys: 4 }), { maxLength: 2 }),
    },
    { requiredKeys: ["name", "namespace"] },
  ),
  spec: fc.record(
    {
      backoffLimit: fc.nat(),
      activeDeadlineSeconds: fc.nat(),
      podFailurePolicy: fc.dictionary(text, field, { maxKeys: 3 }),
      template: fc.record({ metadata: fc.record({ labels: texts, annotations: texts }), spec: podSpec }),
    },
    { requiredKeys: ["template"] },
  ),
});
type WrittenJob = typeof writtenJob extends fc.Arbitrary<infer Job> ? Job : never;

/** The Job as the API server answers with it, once the controller has seen it. */
function storedJob({ metadata, spec }: WrittenJob): ApiObject {
  const { template, ...others } = spec;
  const uid = "6e1a";
  const own = { "batch.kubernetes.io/controller-uid": uid, "controller-uid": uid, "job-name": metadata.name };
  const templateMetadata = {
    ...template.metadata,
    creationTimestamp: null,
    labels: { ...template.metadata.labels, ...own },
  };
  return {
    metadata: { ...metadata, uid, resourceVersion: "7", generation: 1, creationTimestamp: "2026-11-22T12:00:00Z" },
    spec: { ...others, selector: { matchLabels: own }, template: { ...template, metadata: templateMetadata } },
    status: { failed: 1, conditions: [{ type: "Failed", status: "True" }] },
  } as ApiObject;
}

fuzz("a Job is created again as it was written", writtenJob, (job) => {
  expect(recreatedJob(storedJob(job)).manifest).toEqual({ apiVersion: "batch/v1", kind: "Job", ...job });
});

const failed = releasedJob({
  identity: "2222222222",
  condition: { type: "Failed", reason: "DeadlineExceeded", message: "no" },
});
const anyJob = mutatedJson(failed, fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(hostileText))).filter(isNamed);

fuzz(
  "of any Jobs one that has failed is chosen, or it is said what to do instead",
  fc.array(anyJob, { maxLength: 3 }),
  (jobs) => {
    const target = { namespace: "blog", target: "blog", gate: undefined, identity: undefined };
    try {
      expect(jobs).toContain(chooseJob(target, undefined, jobs));
    } catch (error) {
      if (!(error instanceof RetryRefusedError)) throw error;
    }
  },
);

/** As `listObjects` lets them through. */
function isNamed(object: unknown): object is ApiObject {
  const { metadata } = (object ?? {}) as { metadata?: { name?: unknown } };
  return typeof metadata?.name === "string";
}
