import type { V1Pod, V1PodStatus } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import type { ClusterEvent } from "./recorder.ts";
import { buildTimeline, jobState, podState } from "./timeline.ts";

const ready: V1PodStatus = { conditions: [{ type: "Ready", status: "True" }] };

function gate(state: object, lastState: object = {}): V1PodStatus {
  const status = { name: "wait", image: "", imageID: "", ready: false, restartCount: 0, state, lastState };
  return { initContainerStatuses: [status] };
}

function pod(status: V1PodStatus, metadata: V1Pod["metadata"] = {}): V1Pod {
  const labels = { "app.kubernetes.io/name": "blog", "pod-template-hash": "abc" };
  return { metadata: { name: "blog-abc-1", uid: "1", labels, ...metadata }, status };
}

function podEvent(at: number, status: V1PodStatus, type: ClusterEvent["type"] = "MODIFIED"): ClusterEvent {
  return { at, type, kind: "Pod", object: pod(status) };
}

test.each([
  ["pending", pod({})],
  ["waiting", pod(gate({ running: {} }))],
  ["starting", pod(gate({ terminated: { exitCode: 0 } }))],
  ["refused", pod(gate({ terminated: { exitCode: 10 } }))],
  ["refused", pod(gate({ waiting: { reason: "CrashLoopBackOff" } }, { terminated: { exitCode: 10 } }))],
  ["pending", pod(gate({ waiting: { reason: "PodInitializing" } }))],
  ["ready", pod(ready)],
  ["terminating", pod(ready, { deletionTimestamp: new Date(0) })],
])("a pod is %s", (state, object) => {
  expect(podState(object)).toBe(state);
});

test.each([
  ["running", []],
  ["running", [{ type: "SuccessCriteriaMet", status: "True" }]],
  ["complete", [{ type: "Complete", status: "True" }]],
  ["failed", [{ type: "FailureTarget", status: "True" }]],
])("a Job is %s", (state, conditions) => {
  expect(jobState({ status: { conditions } })).toBe(state);
});

test("equal neighbouring states become one span, and a deletion ends the lane", () => {
  const events = [
    podEvent(1000, gate({ running: {} }), "ADDED"),
    podEvent(2000, gate({ running: {} })),
    podEvent(3000, ready),
    podEvent(5000, ready, "DELETED"),
  ];
  const { lanes } = buildTimeline(events, [], [{ at: 9000, label: "end" }], "blog");
  expect(lanes).toEqual([
    {
      kind: "Pod",
      name: "blog-abc-1",
      template: "abc",
      spans: [
        { state: "waiting", from: 1000, to: 3000 },
        { state: "ready", from: 3000, to: 5000 },
      ],
    },
  ]);
});

test("pods of other applications are left out", () => {
  expect(buildTimeline([podEvent(1, ready)], [], [], "shop").lanes).toEqual([]);
});

test("requests are counted in the second in which they were answered", () => {
  const samples = [
    { at: 900, durationMs: 200 },
    { at: 1500, durationMs: 10 },
    { at: 1600, durationMs: 10, failure: "ECONNREFUSED" },
  ];
  expect(buildTimeline([], samples, [], "blog").load).toEqual([{ at: 1000, answered: 2, failed: 1 }]);
});
