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
  const args = ["wait", "--job=blog-0a1b2c3d4e", "--ledger=blog-ledger", "--identity=0a1b2c3d4e"];
  const spec = { containers: [], initContainers: [{ name: "wait", args }] };
  return { metadata: { name: "blog-abc-1", uid: "1", labels, ...metadata }, spec, status };
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
      awaits: ["0a1b2c3d4e"],
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

test("what the ledger said is kept where it changed and stood for a second", () => {
  const said = (at: number, status: object, type: ClusterEvent["type"] = "MODIFIED"): ClusterEvent => {
    const data = { status: JSON.stringify({ identity: "0a1b2c3d4e", ...status }) };
    return { at, type, kind: "ConfigMap", object: { metadata: { name: "blog-ledger" }, data } };
  };
  const progress = { current: 1, total: 2, migration: "0001_users" };
  const events = [
    said(1000, { phase: "connecting" }),
    said(1900, { phase: "applying", progress }),
    said(2500, { phase: "applying", progress, updatedAt: "later" }),
    said(5000, { phase: "failed", failure: { message: "null values", file: "1.sql", line: 2, sqlState: "23502" } }),
    { ...said(6000, {}), object: { metadata: { name: "blog-files" }, data: { "1.sql": "select 1" } } } as ClusterEvent,
    said(8000, { phase: "failed" }, "DELETED"),
  ];
  const { sayings } = buildTimeline(events, [], [{ at: 9000, label: "end" }], "blog");
  expect(sayings.map(({ at, to, text }) => ({ at, to, text }))).toEqual([
    { at: 1900, to: 5000, text: "applying 1 of 2: 0001_users" },
    { at: 5000, to: 9000, text: "failed: 1.sql:2: SQLSTATE 23502: null values" },
  ]);
});

test("requests are counted in the second in which they were answered", () => {
  const samples = [
    { at: 900, durationMs: 200 },
    { at: 1500, durationMs: 10 },
    { at: 1600, durationMs: 10, failure: "ECONNREFUSED" },
  ];
  expect(buildTimeline([], samples, [], "blog").load).toEqual([{ at: 1000, answered: 2, failed: 1 }]);
});
