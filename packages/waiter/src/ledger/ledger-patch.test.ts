import type { RunReport } from "@migration-gate/run-report/report";
import { describe, expect, test } from "vitest";
import { reportedAt, reportOf, reportedSuccess as success } from "../../../../test/support/run-reports.ts";
import { documentOfReport, documentOfSuccess, type RunOrigin } from "./ledger-document.ts";
import { ledgerPatch } from "./ledger-patch.ts";

const time = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
const now = time(30);
const identity = "0a1b2c3d4e";
const origin = { job: "blog-0a1b2c3d4e", jobUid: "uid-1", pod: "pod-1", image: "acme/migrations:1" };
const report = (phase: RunReport["phase"], history?: RunReport["history"]) =>
  reportOf(phase, { updatedAt: now, ...(phase === "succeeded" && { success }), ...(history && { history }) });
const succeeded = (history?: RunReport["history"]) => report("succeeded", history);

/** An entry of a migration that sends no report. */
const entry = (second: number) => JSON.stringify({ succeededAt: time(second) });
/** An entry of the migrator, which read the history at one time and knows of a breaking migration of another. */
const told = (readAt: number, breaking?: number) =>
  JSON.stringify({
    succeededAt: time(59),
    historyReadAt: time(readAt),
    ...(breaking !== undefined && { breakingAppliedAt: time(breaking) }),
  });
const breaking = (second: number) => JSON.stringify({ formatVersion: 1, appliedAt: time(second) });
const identityOf = (number: number) => number.toString(16).padStart(10, "0");
const entries = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [identityOf(index + 1), entry(index + 1)]));

const patch = (run: RunReport, data: Record<string, unknown> = {}, from: RunOrigin = origin) =>
  ledgerPatch(documentOfReport(identity, from, run), data);
function written(run: RunReport, data?: Record<string, unknown>, from?: RunOrigin) {
  const result = patch(run, data, from);
  if (result.kind === "outdated") throw new Error("the run is outdated");
  return result.data;
}
const removed = (run: RunReport, data: Record<string, unknown>) =>
  Object.entries(written(run, data))
    .filter(([, value]) => value === null)
    .map(([key]) => key)
    .sort();

test("a success holds the entry and the status", () => {
  const data = written(succeeded({ readAt: time(29), breakingAppliedAt: time(9) }));
  expect(JSON.parse(String(data[identity]))).toEqual({
    formatVersion: 1,
    succeededAt: now,
    image: "acme/migrations:1",
    job: origin.job,
    jobUid: "uid-1",
    appliedTo: "0002_posts",
    applied: 2,
    durationMs: 10,
    historyReadAt: time(29),
    breakingAppliedAt: time(9),
  });
  expect(JSON.parse(String(data["status"]))).toEqual({
    formatVersion: 1,
    identity,
    job: origin.job,
    jobUid: "uid-1",
    pod: "pod-1",
    phase: "succeeded",
    startedAt: reportedAt,
    updatedAt: now,
  });
});

test("a success of a migration without report names only what is known", () => {
  const nothing = { job: undefined, jobUid: undefined, pod: undefined, image: undefined };
  const result = ledgerPatch(documentOfSuccess(identity, nothing, now), { breaking: breaking(59) });
  expect(result).toMatchObject({
    kind: "data",
    data: { [identity]: JSON.stringify({ formatVersion: 1, succeededAt: now }) },
  });
});

test.each(["connecting", "waiting-for-lock", "applying", "failed"] as const)(
  "a run in phase %s touches the status alone",
  (phase) => {
    expect(Object.keys(written(report(phase, { readAt: now }), entries))).toEqual(["status"]);
  },
);

describe("the attempt that a status tells", () => {
  const after = (run: RunReport, from = origin, data: Record<string, unknown> = {}) =>
    ({ ...data, ...written(run, data, from) }) as Record<string, string>;
  const attemptIn = (data: Record<string, string>) => JSON.parse(data["status"] ?? "")["attempt"];
  const failed = report("failed");
  const second = { ...origin, pod: "pod-2" };

  test("counts the pods of the Job, from the second on, whatever each of them tells", () => {
    const first = after(failed);
    expect(attemptIn(first)).toBeUndefined();
    const retried = after(report("applying"), second, first);
    expect(attemptIn(retried)).toBe(2);
    expect(attemptIn(after(succeeded(), second, retried))).toBe(2);
    expect(attemptIn(after(report("applying"), { ...origin, pod: "pod-3" }, retried))).toBe(3);
  });

  test.each<[string, object, Record<string, string>]>([
    ["of another Job", { jobUid: "uid-2" }, {}],
    ["that does not know its pod", { pod: undefined }, {}],
    ["after a ledger that tells nothing usable", {}, { status: "{" }],
  ])("is the first for a run %s", (_, changed, data) => {
    expect(
      attemptIn(after(report("applying"), { ...second, ...changed }, { ...after(failed), ...data })),
    ).toBeUndefined();
  });

  test.each([-3, 0, 1, 1.5, "7"])("starts again after one that was forged: %j", (attempt) => {
    const { jobUid, pod } = origin;
    const status = JSON.stringify({ identity, phase: "failed", jobUid, pod, attempt });
    expect(attemptIn(after(report("applying"), second, { status }))).toBe(2);
  });
});

describe("of the entries", () => {
  test("the newest 20 stay, and so does every key that is none", () => {
    const data = { ...entries, note: "mine", status: "{}", breaking: breaking(1), DEADBEEF00: "x" };
    expect(removed(succeeded(), data)).toEqual([1, 2, 3, 4, 5, 6].map(identityOf));
  });

  test("one without a readable time counts as the oldest, and the run's own always stays", () => {
    const data = { ...entries, [identity]: "broken", ffffffffff: "broken" };
    expect(removed(succeeded(), data)).toContain("ffffffffff");
    expect(written(succeeded(), data)[identity]).toContain(now);
  });

  test("the newest are those of the database's clock: a node whose clock is wrong by days loses none", () => {
    const at = (second: number, nodeClock: string) =>
      JSON.stringify({ succeededAt: nodeClock, historyReadAt: time(second) });
    const data = Object.fromEntries(
      Array.from({ length: 25 }, (_, index) => [
        identityOf(index + 1),
        at(index + 1, index % 2 ? "1970-01-01T00:00:00.000Z" : "2099-01-01T00:00:00.000Z"),
      ]),
    );
    expect(removed(succeeded(), data)).toEqual([1, 2, 3, 4, 5, 6].map(identityOf));
  });

  test("those stay whose run knew of the last breaking migration, or came after it", () => {
    const data = {
      [identityOf(1)]: entry(1),
      [identityOf(2)]: entry(2),
      [identityOf(3)]: entry(3),
      [identityOf(4)]: "{}",
      [identityOf(5)]: "broken",
      [identityOf(6)]: told(1),
      [identityOf(7)]: told(9, 1),
      [identityOf(8)]: told(9, 2),
      [identity]: entry(1),
      note: "mine",
    };
    const run = succeeded({ readAt: now, breakingAppliedAt: time(2) });
    expect(removed(run, data)).toEqual([1, 4, 5, 6, 7].map(identityOf));
    expect(written(run, data)[identity]).toContain(now);
    expect(written(run, data)["breaking"]).toBe(breaking(2));
  });

  test("one that an older version wrote late, after a breaking migration, goes: its date says nothing", () => {
    const late = JSON.stringify({ succeededAt: time(59), historyReadAt: time(1) });
    expect(removed(succeeded({ readAt: time(3), breakingAppliedAt: time(2) }), { [identityOf(1)]: late })).toEqual([
      identityOf(1),
    ]);
  });

  test("too many and too old ones go at once", () => {
    const run = (second: number) => succeeded({ readAt: now, breakingAppliedAt: time(second) });
    expect(removed(run(3), entries)).toEqual([1, 2, 3, 4, 5, 6].map(identityOf));
    const kept = Object.keys(entries).filter((key) => written(run(24), entries)[key] !== null);
    expect(kept).toEqual([24, 25].map(identityOf));
  });

  test.each(["applying", "failed"] as const)(
    "none is touched by a run %s, but for a breaking migration, which takes its own too",
    (phase) => {
      const data = { [identity]: told(1), [identityOf(1)]: told(1), [identityOf(2)]: told(9, 2) };
      const run = report(phase, { readAt: time(9), breakingAppliedAt: time(2) });
      expect(removed(run, data)).toEqual([identityOf(1), identity].sort());
      expect(written(run, data)["breaking"]).toBe(breaking(2));
    },
  );
});

describe("a success that comes after a breaking migration it did not know", () => {
  test("is not written: it is outdated, whatever the clocks of the nodes say", () => {
    expect(patch(succeeded({ readAt: time(1) }), { breaking: breaking(2) })).toEqual({ kind: "outdated" });
    const older = succeeded({ readAt: time(2), breakingAppliedAt: time(1) });
    expect(patch(older, { breaking: breaking(2) })).toEqual({ kind: "outdated" });
  });

  test("is written where the history, read later, has it no more: the database was restored", () => {
    expect(written(succeeded({ readAt: time(3) }), { breaking: breaking(2) })).toHaveProperty(identity);
  });

  test("is written where it does know it, and where nobody can read what it should have known", () => {
    const aware = succeeded({ readAt: time(1), breakingAppliedAt: time(2) });
    expect(written(aware, { breaking: breaking(2) })).not.toHaveProperty("breaking");
    expect(written(succeeded({ readAt: time(1) }), { breaking: "broken" })).toHaveProperty(identity);
  });
});
