import { expect, test } from "vitest";
import { failure, gate, job, start, withStatus } from "../../../../test/support/gate-views.ts";
import { ApiError } from "../api/api-error.ts";
import { type GateView, jobObserved, ledgerObserved, troubled } from "../gate/gate-view.ts";
import { isSameState, stateLine } from "./state-line.ts";

const refused = new ApiError("connect ECONNREFUSED", { code: "ECONNREFUSED" });

const message = (view: GateView) => stateLine(view).message;
const running = jobObserved(start, job(), 1);

test("a state's line follows the Job and the ledger's status", () => {
  const progress = { current: 7, total: 12, migration: "0042_add_index" };
  expect([start, running].map(message)).toEqual(["asking for the Job", "the Job is running"]);
  const breaking = { metadata: { name: gate.ledger }, data: { breaking: "" } };
  const outdated = jobObserved(ledgerObserved(start, breaking as never, 1), job({ type: "Complete" }), 1);
  expect(message(outdated)).toMatch(/^the Job is complete, but a breaking migration was applied since/);
  expect(message(jobObserved(running, undefined, 2))).toBe("the Job was deleted, a new one is awaited");
  expect(message(jobObserved(start, { ...job(), spec: { suspend: true } } as never, 2))).toBe("the Job is suspended");
  expect(stateLine(withStatus(running, { phase: "applying", progress })).fields).toEqual({
    jobUid: "uid-1",
    progress: "applying 7 of 12: 0042_add_index",
    migration: "0042_add_index",
  });
  expect(message(withStatus(running, { failure }))).toBe("an attempt of the migration failed, the Job may retry it");
});

test("a state's line tells a pod that came too late to see the Job that it was deleted, where the ledger knows of it", () => {
  const absent = jobObserved(start, undefined, 2);
  expect(message(absent)).toBe("the Job does not exist yet");
  expect(stateLine(withStatus(absent, { phase: "failed" }))).toMatchObject({
    message: "the Job was deleted, a new one is awaited",
    fields: { jobUid: "uid-1" },
  });
  expect(message(withStatus(absent, { identity: "1111111111" }))).toBe("the Job does not exist yet");
});

test("a state's line tells how far the index is and who holds the lock, and again when that changes or a minute has passed", () => {
  const at = (percent: number, transactionMs: number) =>
    stateLine(
      withStatus(running, {
        phase: "applying",
        progress: {
          current: 7,
          total: 12,
          migration: "0042_add_index",
          operation: { command: "CREATE INDEX", phase: "building index", percent },
        },
        lockWait: { lock: "tuple", blockers: [{ pid: 4711, applicationName: "psql", transactionMs }] },
      }),
    );
  expect(at(63, 40_000).fields["progress"]).toBe(
    "applying 7 of 12: 0042_add_index, building index 63 %, waiting for a lock held by pid 4711 (psql, 40 s)",
  );
  expect(isSameState(at(63, 41_000), at(63, 59_000))).toBe(true);
  expect(isSameState(at(63, 59_000), at(63, 60_000))).toBe(false);
  expect(isSameState(at(63, 41_000), at(64, 41_000))).toBe(false);
});

test("a state's line tells from the Job's second pod on which attempt it is", () => {
  const fields = (status: object) => stateLine(withStatus(running, { pod: "blog-2", ...status })).fields;
  expect(fields({ phase: "connecting" })).toEqual({ jobUid: "uid-1" });
  expect(fields({ phase: "connecting", attempt: 2 })).toEqual({ jobUid: "uid-1", attempt: "2" });
  expect(fields({ failure, attempt: 3 })).toMatchObject({ attempt: "3", place: "0003_author.sql:4:1" });
});

test("a state's line names the holder of the run's own lock", () => {
  const lockWait = { lock: "advisory", blockers: [{ pid: 9, applicationName: "migration-gate blog-x" }] };
  expect(stateLine(withStatus(running, { phase: "waiting-for-lock", lockWait }))).toMatchObject({
    message: "the migration waits for its lock",
    fields: { progress: "waiting for the migration lock held by pid 9 (migration-gate blog-x)" },
  });
});

test("a state's line shows of progress that was forged what can be used, in plain text", () => {
  const progress = { current: 1, total: 2, migration: "1_a\u001b[2J", operation: "x", statement: -1, attempt: "2" };
  const line = stateLine(withStatus(running, { phase: "applying", progress, lockWait: { lock: 1 } }));
  expect(line.fields["progress"]).toBe("applying 1 of 2: 1_a [2J");
});

test("a line about the API's trouble is a warning, and the same whatever words the error has", () => {
  const one = stateLine(troubled(running, "job", refused, 2));
  const other = stateLine(troubled(running, "job", new ApiError("read ECONNRESET", { code: "ECONNRESET" }), 3));
  expect(one).toMatchObject({ level: "warn", message: "the Kubernetes API cannot be reached, retrying" });
  expect(isSameState(one, other)).toBe(true);
  expect(isSameState(one, stateLine(running))).toBe(false);
});

test("a state's line changes with the uid: the Job was created again", () => {
  expect(isSameState(stateLine(running), stateLine(jobObserved(running, job(undefined, "uid-2"), 2)))).toBe(false);
});
