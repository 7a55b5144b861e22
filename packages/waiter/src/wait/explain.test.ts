import { describe, expect, test } from "vitest";
import { failure, gate, job, start, withStatus } from "../../../../test/support/gate-views.ts";
import { ApiError } from "../api/api-error.ts";
import { type GateView, jobObserved, ledgerObserved, troubled, unseen } from "../gate/gate-view.ts";
import { readJob } from "../gate/job-state.ts";
import { jobFailedError } from "./explain-failure.ts";
import { timeoutExitCode, waitTimeoutError } from "./explain-timeout.ts";
import { dueHints } from "./hints.ts";

/** Its migrate runs first and its record thereafter. */
const ofOtherTool = (condition?: object) => ({
  ...job(condition),
  spec: { template: { spec: { initContainers: [{ name: "migrate" }], containers: [{ name: "record" }] } } },
});
const podFailurePolicy = {
  type: "Failed",
  reason: "PodFailurePolicy",
  message: "Container migrate for pod blog/x failed with exit code 4 matching FailJob rule at index 0",
};
const explainFailure = (view: GateView, jobObject: object, pod?: string) =>
  jobFailedError(view, readJob(jobObject as never), pod);

describe("a failed Job", () => {
  test("is explained by place, SQLSTATE and message, Kubernetes' verdict, the log and the retry", () => {
    const failed = jobObserved(start, job(podFailurePolicy), 1);
    const error = explainFailure(withStatus(failed, { failure }), job(podFailurePolicy));
    expect(error.exitCode).toBe(10);
    expect(error.explanation.split("\n")).toEqual([
      'migration Job blog-0a1b2c3d4e failed: 0003_author.sql:4:1: SQLSTATE 23502: column "author" contains null values',
      `Job:       PodFailurePolicy: ${podFailurePolicy.message}`,
      "Exit code: 4, a migration failed with an SQL error",
      "Log:       kubectl logs -n blog job/blog-0a1b2c3d4e -c migrate",
      "Fix:       correct the migration files and helm upgrade: they become a new Job",
      "Retry:     if the cause was elsewhere: kubectl migration-gate retry blog-0a1b2c3d4e -n blog",
      "           or, without that plugin: kubectl delete job blog-0a1b2c3d4e -n blog, then the same helm upgrade again (or a new job.rerunToken)",
    ]);
  });

  test("holds up a StatefulSet, until the pod is deleted", () => {
    const failed = jobObserved(start, job(podFailurePolicy), 1);
    expect(explainFailure(failed, job(podFailurePolicy), "blog-0").explanation).toContain(
      "because a StatefulSet replaces no pod that is not ready: kubectl delete pod blog-0 -n blog",
    );
  });

  test("of an image that sends no report is explained by the Job, and its exit code is not taken for ours", () => {
    const error = explainFailure(jobObserved(start, job(podFailurePolicy), 1), job(podFailurePolicy));
    expect(error.message).toBe(`migration Job blog-0a1b2c3d4e failed: PodFailurePolicy: ${podFailurePolicy.message}`);
    expect(error.explanation).toContain("Exit code: 4 (of migration-gate's own migrator: a migration failed");
  });

  test("of another tool is explained by the Job alone: its exit code has no meaning that we know", () => {
    const failed = ofOtherTool(podFailurePolicy);
    const { explanation } = explainFailure(jobObserved(start, failed, 1), failed);
    expect(explanation).toContain("Exit code: 4, by the image's own tool: its log tells what that means");
    expect(explanation).not.toContain("SQL error");
    const exhausted = { type: "Failed", reason: "BackoffLimitExceeded", message: "Job has reached the limit" };
    const error = explainFailure(jobObserved(start, ofOtherTool(exhausted), 1), ofOtherTool(exhausted));
    expect(error.message).toBe("migration Job blog-0a1b2c3d4e failed: BackoffLimitExceeded: Job has reached the limit");
    expect(error.explanation).not.toContain("Exit code:");
  });

  test.each<[string, object]>([
    ["another identity", { identity: "1111111111", failure }],
    ["another Job", { job: "blog-1111111111", failure }],
    ["an earlier Job of the same name", { jobUid: "uid-0", failure }],
    ["a run that did not fail", { phase: "applying", failure }],
  ])("is not explained by the status of %s", (_what, fields) => {
    const failed = jobObserved(start, job(podFailurePolicy), 1);
    expect(explainFailure(withStatus(failed, fields), job(podFailurePolicy)).message).not.toContain("0003_author");
  });

  test("is explained in one line of plain text though the status was forged", () => {
    const failed = jobObserved(start, job(podFailurePolicy), 1);
    const forged = withStatus(failed, { failure: { ...failure, message: "\u001b[2Jall\nis\u202e well" } });
    expect(explainFailure(forged, job(podFailurePolicy)).message).toMatch(/23502: \[2Jall is well$/);
  });
});

const refused = new ApiError("connect ECONNREFUSED", { code: "ECONNREFUSED" });
const forbidden = new ApiError("jobs is forbidden", { status: 403 });
const facts = {
  nowMs: 100_000,
  timeoutMs: 100_000,
  hintAfterMs: 60_000,
  owner: { account: "blog/default", pod: "blog-5f-x2k8p" },
};

describe("a timeout", () => {
  const running = jobObserved(start, job(), 1);
  const never = jobObserved(start, undefined, 1);
  test.each<[string, GateView, number]>([
    ["the Job was running", running, 11],
    ["the Job was deleted", jobObserved(running, undefined, 2), 11],
    ["the Job was deleted before this pod came", withStatus(never, { phase: "applying" }), 11],
    ["the Job never existed", never, 12],
    ["the API refused access from the start", troubled(start, "job", forbidden, 99_999), 13],
    ["the token was never accepted", troubled(start, "job", new ApiError("", { status: 401 }), 1), 13],
    ["access to the Job was taken away long ago", troubled(running, "job", forbidden, 2), 13],
    ["the API was never reached", troubled(start, "ledger", refused, 1), 14],
    ["the API has been away for long", troubled(running, "job", refused, 2), 14],
    ["the API hiccups at the last moment", troubled(running, "job", refused, 99_000), 11],
    ["the API only ever answered 500", troubled(start, "job", new ApiError("", { status: 500 }), 1), 14],
    ["only the ledger is forbidden", troubled(running, "ledger", forbidden, 1), 11],
    ["nothing was ever heard", start, 14],
  ])("has its exit code: %s", (_what, view, exitCode) => {
    expect(timeoutExitCode(view, facts)).toBe(exitCode);
  });

  test("names the last state of every closed gate, and no open one", () => {
    const open = ledgerObserved(
      unseen({ ...gate, job: "open-1" }, "blog", 0),
      {
        metadata: { name: gate.ledger },
        data: { [gate.identity]: "{}" },
      } as never,
      1,
    );
    const error = waitTimeoutError([never, open], facts);
    expect(error.exitCode).toBe(12);
    expect(error.message).toBe("timed out after 1 min 40 s: Job blog-0a1b2c3d4e: the Job does not exist yet");
  });
});

describe("a hint", () => {
  const hint = (view: GateView, nowMs = 60_001, owner = facts.owner) => dueHints(view, owner, nowMs, 60_000)[0]?.text;

  test("comes only after its time", () => {
    expect(hint(jobObserved(start, undefined, 1), 60_000)).toBeUndefined();
    expect(hint(jobObserved(start, undefined, 1))).toMatch(/no Job blog-0a1b2c3d4e was ever seen in namespace blog/);
  });

  test("for 403 is the very rule that is missing for this service account", () => {
    const text = hint(troubled(start, "job", forbidden, 1));
    expect(text).toContain("service account blog/default needs a RoleBinding in namespace blog");
    expect(text).toContain(
      '{ apiGroups: ["batch"], resources: ["jobs"], resourceNames: ["blog-0a1b2c3d4e"], verbs: ["get", "list", "watch"] }',
    );
    expect(text).not.toContain("configmaps");
  });

  test.each<[string, GateView]>([
    ["may not see the Job", troubled(start, "job", forbidden, 1)],
    ["sees no Job", jobObserved(start, undefined, 1)],
  ])("for a superseded pod that %s names the command that a StatefulSet waits for", (_what, view) => {
    const owner = { account: "blog/default", pod: "blog-0" };
    expect(hint(view, 60_001, owner)).toContain("StatefulSet waits for it: kubectl delete pod blog-0 -n blog");
    expect(hint(view)).not.toContain("delete pod");
  });

  test.each<[string, ApiError, RegExp]>([
    ["refused connections", refused, /excludeOutboundPorts: "443".*skip-outbound-ports: "443"/],
    [
      "a certificate of another CA",
      new ApiError("", { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }),
      /does not fit ca\.crt/,
    ],
    ["401", new ApiError("", { status: 401 }), /rejects the mounted token/],
  ])("names the likely cause of %s", (_what, error, words) => {
    expect(hint(troubled(start, "ledger", error, 1))).toMatch(words);
  });

  test("for a Job from which nothing is heard names the command that shows why", () => {
    expect(hint(jobObserved(start, job(), 1))).toContain(
      "kubectl describe pod -n blog -l batch.kubernetes.io/job-name=blog-0a1b2c3d4e",
    );
    expect(hint(withStatus(jobObserved(start, job(), 1), { phase: "applying" }))).toBeUndefined();
  });

  test("for another tool's Job names the command that shows its log, too", () => {
    expect(hint(jobObserved(start, ofOtherTool(), 1))).toMatch(
      /run by another tool.*: kubectl logs -n blog job\/blog-0a1b2c3d4e -c migrate --follow; .*: kubectl describe pod -n blog/,
    );
  });
});
