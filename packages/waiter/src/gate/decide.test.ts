import { describe, expect, test } from "vitest";
import { ApiError } from "../api/api-error.ts";
import { decide } from "./decide.ts";
import { jobObserved, ledgerObserved, troubled, unseen } from "./gate-view.ts";

const gate = { job: "blog-0a1b2c3d4e", ledger: "blog-ledger", identity: "0a1b2c3d4e" };
const start = unseen(gate, "blog", 0);

type Json = Record<string, unknown>;
const job = (fields: { conditions?: unknown; status?: Json; spec?: Json; metadata?: Json } = {}) => ({
  metadata: { name: gate.job, uid: "uid-1", ...fields.metadata },
  spec: fields.spec,
  status: { conditions: fields.conditions, ...fields.status },
});
const condition = (type: string, status = "True") => ({ type, status, reason: "R", message: "M" });
const ledger = (data?: unknown) => ({ metadata: { name: gate.ledger }, data });
const opened = ledger({ [gate.identity]: "{}" });

const decideFor = (configMap: object | undefined, jobObject: object | undefined) => {
  const withLedger = ledgerObserved(start, configMap as never, 1);
  return decide(jobObserved(withLedger, jobObject as never, 2)).kind;
};

describe("the ledger says open", () => {
  test.each<[string, object | undefined]>([
    ["no Job", undefined],
    ["a running Job", job()],
    ["a failed Job of the same identity", job({ conditions: [condition("Failed")] })],
    ["a suspended Job", job({ spec: { suspend: true } })],
  ])("whatever there is: %s", (_what, jobObject) => {
    expect(decideFor(opened, jobObject)).toBe("open");
  });

  test.each(["", "null", "false", "not JSON", "\u0000"])("whatever the entry's value is: %j", (value) => {
    expect(decideFor(ledger({ [gate.identity]: value }), undefined)).toBe("open");
  });

  test("although it cannot be read any more: applied once stays applied", () => {
    const view = troubled(ledgerObserved(start, opened, 1), "ledger", new ApiError("reset", { code: "ECONNRESET" }), 2);
    expect(decide(view).kind).toBe("open");
  });
});

describe("the Job says open", () => {
  test.each<[string, unknown]>([
    ["Complete alone", [condition("Complete")]],
    ["conditions in odd order", [condition("SuccessCriteriaMet"), condition("Failed", "False"), condition("Complete")]],
    ["Complete beside a Failed that is also true", [condition("Failed"), condition("Complete")]],
  ])("%s", (_what, conditions) => {
    expect(decideFor(ledger(), job({ conditions }))).toBe("open");
    expect(decideFor(undefined, job({ conditions }))).toBe("open");
  });

  test("also while it is being deleted, and for one that another controller runs", () => {
    const conditions = [condition("Complete")];
    expect(decideFor(undefined, job({ conditions, metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }))).toBe(
      "open",
    );
    expect(decideFor(undefined, job({ conditions, spec: { managedBy: "kueue.x-k8s.io/multikueue" } }))).toBe("open");
  });
});

describe("a breaking migration was applied", () => {
  const at = "2026-01-02T00:00:00.000Z";
  const complete = (startTime?: unknown) => job({ conditions: [condition("Complete")], status: { startTime } });
  const breaking = (value = `{"appliedAt":"${at}"}`) => ledger({ breaking: value });

  test.each<[string, object, object, string]>([
    ["before the Job started", breaking(), complete("2026-01-02T00:00:01Z"), "open"],
    ["after the Job started: it need not have known", breaking(), complete("2026-01-01T23:59:59Z"), "waiting"],
    ["and nobody knows when the Job started", breaking(), complete(), "waiting"],
    ["at a time that nobody can read", breaking("{}"), complete("2026-01-02T00:00:01Z"), "waiting"],
  ])("%s", (_what, configMap, jobObject, decision) => {
    expect(decideFor(configMap, jobObject)).toBe(decision);
  });

  test("by the Job's own run, whose entry says so", () => {
    const own = ledger({ breaking: `{"appliedAt":"${at}"}`, [gate.identity]: "{}" });
    expect(decideFor(own, complete("2026-01-01T00:00:00Z"))).toBe("open");
  });
});

describe("the Job says failed", () => {
  test.each(["Failed", "FailureTarget"])("%s=True", (type) => {
    expect(decideFor(ledger(), job({ conditions: [condition(type)] }))).toBe("failed");
  });

  test("not while it is being deleted: a new one is about to come", () => {
    const metadata = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(decideFor(ledger(), job({ conditions: [condition("Failed")], metadata }))).toBe("waiting");
  });
});

describe("nothing is proven, so it waits", () => {
  test.each<[string, object | undefined, object | undefined]>([
    ["neither exists", undefined, undefined],
    ["the ledger is as the chart renders it, without data", ledger(), undefined],
    ["data is not an object", ledger([gate.identity]), undefined],
    ["data is a text", ledger(gate.identity), undefined],
    ["another identity is in the ledger", ledger({ "1111111111": "{}" }), undefined],
    [
      "the status names the identity and success",
      ledger({ status: `{"identity":"${gate.identity}","phase":"succeeded"}` }),
      undefined,
    ],
    ["a Job without status", ledger(), { metadata: { name: gate.job, uid: "uid-1" } }],
    ["counters say succeeded", ledger(), job({ status: { succeeded: 1, ready: 0, active: 0 } })],
    ["counters say failed", ledger(), job({ status: { failed: 4, active: 0 } })],
    ["completionTime is set", ledger(), job({ status: { completionTime: "2026-01-01T00:00:00Z" } })],
    ["only SuccessCriteriaMet", ledger(), job({ conditions: [condition("SuccessCriteriaMet")] })],
    ["Complete is False", ledger(), job({ conditions: [condition("Complete", "False")] })],
    ["Complete is Unknown", ledger(), job({ conditions: [condition("Complete", "Unknown")] })],
    ["Complete is a boolean", ledger(), job({ conditions: [{ type: "Complete", status: true }] })],
    ["Complete in lower case", ledger(), job({ conditions: [condition("complete")] })],
    ["Suspended", ledger(), job({ conditions: [condition("Suspended")], spec: { suspend: true } })],
    ["conditions are no list", ledger(), job({ conditions: { type: "Complete", status: "True" } })],
    ["conditions hold nonsense", ledger(), job({ conditions: [null, 1, "Complete", []] })],
  ])("%s", (_what, configMap, jobObject) => {
    expect(decideFor(configMap, jobObject)).toBe("waiting");
  });

  test("a Job that failed is forgotten once it is deleted, and when another one has its name", () => {
    const failed = jobObserved(start, job({ conditions: [condition("Failed")] }), 1);
    expect(decide(failed).kind).toBe("failed");
    expect(decide(jobObserved(failed, undefined, 2)).kind).toBe("waiting");
    expect(decide(jobObserved(failed, job({ metadata: { uid: "uid-2" } }), 2)).kind).toBe("waiting");
  });

  test("an entry that a breaking run removed opens nothing any more", () => {
    const before = ledgerObserved(start, opened, 1);
    expect(decide(ledgerObserved(before, ledger({ "1111111111": "{}" }), 2)).kind).toBe("waiting");
  });
});
