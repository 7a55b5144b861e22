import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunReport } from "@migration-gate/run-report/report";
import { afterAll, describe, expect, test } from "vitest";
import { documentOfReport, documentOfSuccess, ledgerPatch } from "../ledger/ledger-document.ts";
import { parseReport } from "./parse-report.ts";
import { readReportText } from "./read-report.ts";
import { writePace } from "./write-pace.ts";

const now = "2026-01-01T00:00:00.000Z";
const identity = "0a1b2c3d4e";
const origin = { job: "blog-0a1b2c3d4e", jobUid: "uid-1", pod: "pod-1", image: "acme/migrations:1" };
const success = { applied: 2, durationMs: 1234, appliedTo: "0002_posts" };
const report = (fields: Partial<RunReport> = {}): RunReport => ({
  formatVersion: 1,
  runId: "run-1",
  phase: "applying",
  startedAt: now,
  updatedAt: now,
  ...fields,
});
const succeeded = (fields = {}) => report({ phase: "succeeded", success: { ...success, ...fields } });

describe("a report", () => {
  test.each([
    report({ progress: { current: 1, total: 2, migration: "0001_users" } }),
    report({
      progress: {
        current: 1,
        total: 2,
        migration: "0001_users",
        file: "0001_users.sql",
        startedAt: now,
        attempt: 2,
        statement: 3,
        statements: 4,
        operation: { command: "CREATE INDEX", phase: "building index", percent: 63 },
      },
      lockWait: {
        lock: "relation",
        relation: "public.users",
        waitedMs: 5,
        blockers: [{ pid: 4711, user: "app", applicationName: "psql", state: "active", transactionMs: 6 }, { pid: 0 }],
      },
    }),
    succeeded(),
    succeeded({ breakingAppliedAt: now }),
    report({
      phase: "failed",
      failure: { exitCode: 4, message: "no", file: "1.sql", line: 1, column: 2, sqlState: "42601" },
    }),
  ])("is read as it was written: $phase", (written) => {
    expect(parseReport(JSON.stringify(written))).toEqual({ kind: "report", report: written });
  });

  test.each<[string, string]>([
    ["", "is not JSON"],
    [JSON.stringify(succeeded()).slice(0, 60), "is not JSON"],
    ["null", "has no usable report"],
    ["[]", "has no usable report"],
    [JSON.stringify({ ...report(), formatVersion: 2 }), "has an unknown formatVersion"],
    [JSON.stringify({ ...report(), phase: "done" }), "has an unknown phase"],
    [JSON.stringify({ ...report(), runId: 1 }), "has no usable runId"],
    [JSON.stringify({ ...report(), startedAt: "yesterday" }), "has no usable startedAt"],
    [JSON.stringify(report({ phase: "succeeded" })), "has no usable success"],
    [JSON.stringify({ ...succeeded(), success: { ...success, applied: -1 } }), "has no usable applied"],
    [JSON.stringify(succeeded({ breakingAppliedAt: true })), "has no usable breakingAppliedAt"],
    [JSON.stringify(succeeded({ breakingAppliedAt: "yesterday" })), "has no usable breakingAppliedAt"],
  ])("that cannot be used is refused: %s", (text, problem) => {
    expect(parseReport(text)).toEqual({ kind: "refused", problem });
  });

  test("claims no success in another phase", () => {
    const parsed = parseReport(JSON.stringify({ ...report(), success }));
    expect(parsed).toEqual({ kind: "report", report: report() });
  });

  test("of a success counts whatever its progress is", () => {
    const odd = { ...succeeded(), progress: { current: "1" }, lockWait: [], news: 1 };
    expect(parseReport(JSON.stringify(odd))).toEqual({ kind: "report", report: succeeded() });
  });

  test("is bounded and plain, whatever was in it", () => {
    const message = `\u001b]0;x\u0007${"é\n".repeat(5000)}`;
    const parsed = parseReport(JSON.stringify(report({ phase: "failed", failure: { exitCode: 4, message } })));
    const text = parsed.kind === "report" ? (parsed.report.failure?.message ?? "") : "";
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1000);
    expect(text).toMatch(/^\]0;x é é .*…$/);
  });
});

describe("a report file", () => {
  const directory = mkdtempSync(join(tmpdir(), "report-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const put = (make: (path: string) => void) => {
    rmSync(join(directory, "report.json"), { force: true, recursive: true });
    make(join(directory, "report.json"));
    return readReportText(directory);
  };

  test("may be absent", async () => {
    expect(await readReportText(directory)).toEqual({ kind: "absent" });
  });

  test("is never another file's text", async () => {
    writeFileSync(join(directory, "token"), "secret");
    expect(await put((path) => symlinkSync(join(directory, "token"), path))).toEqual({
      kind: "refused",
      problem: "cannot be opened (ELOOP)",
    });
  });

  test("is read no further than a report can be long", async () => {
    expect(await put((path) => writeFileSync(path, "x".repeat(10_000_000)))).toMatchObject({ kind: "refused" });
    expect(await put((path) => writeFileSync(path, "{}"))).toEqual({ kind: "text", text: "{}" });
  });
});

describe("the ledger's patch", () => {
  const entry = (day: number) => JSON.stringify({ succeededAt: `2026-01-${String(day).padStart(2, "0")}T00:00:00Z` });
  const identityOf = (number: number) => number.toString(16).padStart(10, "0");
  const entries = Object.fromEntries(
    Array.from({ length: 25 }, (_, index) => [identityOf(index + 1), entry(index + 1)]),
  );
  const patch = (run: RunReport, data: Record<string, unknown> = {}) =>
    ledgerPatch(documentOfReport(identity, origin, run, now), data);
  const removedFrom = (written: Record<string, string | null>) =>
    Object.keys(written)
      .filter((key) => written[key] === null)
      .sort();

  test("of a success holds the entry and the status", () => {
    const written = patch(succeeded());
    expect(JSON.parse(String(written[identity]))).toEqual({
      succeededAt: now,
      image: "acme/migrations:1",
      job: origin.job,
      jobUid: "uid-1",
      appliedTo: "0002_posts",
      applied: 2,
      durationMs: 1234,
    });
    expect(JSON.parse(String(written["status"]))).toEqual({
      formatVersion: 1,
      identity,
      job: origin.job,
      jobUid: "uid-1",
      pod: "pod-1",
      phase: "succeeded",
      startedAt: now,
      updatedAt: now,
    });
  });

  test.each(["connecting", "waiting-for-lock", "applying", "failed"] as const)(
    "of phase %s touches the status alone",
    (phase) => {
      expect(Object.keys(patch(report({ phase }), entries))).toEqual(["status"]);
    },
  );

  test("keeps the newest 20 entries and every key that is none", () => {
    const data = { ...entries, note: "mine", status: "{}", DEADBEEF00: "x" };
    expect(removedFrom(patch(succeeded(), data))).toEqual([1, 2, 3, 4, 5, 6].map(identityOf));
  });

  test("counts an entry without a readable time as the oldest, and never removes its own", () => {
    const data = { ...entries, [identity]: "broken", ffffffffff: "broken" };
    const written = patch(succeeded(), data);
    expect(written["ffffffffff"]).toBeNull();
    expect(written[identity]).toContain(now);
  });

  test("removes the others' entries from before the last breaking migration, and keeps those from it on", () => {
    const data = {
      [identityOf(1)]: entry(1),
      [identityOf(2)]: entry(2),
      [identityOf(3)]: entry(3),
      [identityOf(4)]: "{}",
      [identityOf(5)]: "broken",
      [identity]: entry(1),
      note: "mine",
    };
    const written = patch(succeeded({ breakingAppliedAt: "2026-01-02T00:00:00.000Z" }), data);
    expect(removedFrom(written)).toEqual([1, 4, 5].map(identityOf));
    expect(written[identity]).toEqual(expect.any(String));
  });

  test("removes for a breaking migration and for the number of entries at once", () => {
    const written = patch(succeeded({ breakingAppliedAt: "2026-01-03T00:00:00.000Z" }), entries);
    expect(removedFrom(written)).toEqual([1, 2, 3, 4, 5, 6].map(identityOf));
    const later = patch(succeeded({ breakingAppliedAt: "2026-01-24T00:00:00.000Z" }), entries);
    expect(Object.keys(entries).filter((key) => later[key] !== null)).toEqual([24, 25].map(identityOf));
  });

  test("dates no entry before a breaking migration that it knows, though the database's clock is ahead", () => {
    const breakingAppliedAt = "2026-01-01T00:00:05.000Z";
    const mine = patch(succeeded({ breakingAppliedAt }))[identity];
    const next = documentOfReport(identityOf(1), origin, succeeded({ breakingAppliedAt }), now);
    expect(removedFrom(ledgerPatch(next, { [identity]: mine }))).toEqual([]);
  });

  test("of a migration without report names only what is known", () => {
    const run = { job: undefined, jobUid: undefined, pod: undefined, image: undefined };
    const written = ledgerPatch(documentOfSuccess(identity, run, now), {});
    expect(JSON.parse(String(written[identity]))).toEqual({ succeededAt: now });
  });

  test("keeps the status within 2 KiB whatever has to be escaped", () => {
    const quotes = (length: number) => '"\\'.repeat(length / 2);
    const failure = { exitCode: 4, message: quotes(1000), file: quotes(200), migration: quotes(200) };
    const progress = { current: 1, total: 2, migration: quotes(200), file: quotes(200), startedAt: now, attempt: 1 };
    const operation = { command: quotes(64), phase: quotes(100), percent: 1 };
    const blocker = { pid: 1, user: quotes(64), applicationName: quotes(64), state: quotes(64), transactionMs: 1 };
    const lockWait = { lock: quotes(64), relation: quotes(200), waitedMs: 1, blockers: [blocker, blocker, blocker] };
    const run = report({ phase: "failed", failure, progress: { ...progress, operation }, lockWait });
    const long = { ...origin, job: "j".repeat(63), pod: "p".repeat(69), jobUid: "u".repeat(36) };
    const { status } = documentOfReport(identity, long, run, now);
    expect(Buffer.byteLength(status)).toBeLessThanOrEqual(2048);
    expect(JSON.parse(status)).toMatchObject({
      pod: long.pod,
      phase: "failed",
      progress: { startedAt: now },
      lockWait: { blockers: [{ pid: 1 }] },
      failure: { exitCode: 4 },
    });
  });

  test("leaves a status that fits as it is, with progress and every blocker", () => {
    const progress = { current: 7, total: 12, migration: "0042_add_index", attempt: 2 };
    const lockWait = { lock: "relation", relation: "public.a", blockers: [{ pid: 1 }, { pid: 2 }] };
    const { status } = documentOfReport(identity, origin, report({ progress, lockWait }), now);
    expect(JSON.parse(status)).toMatchObject({ progress, lockWait });
  });
});

describe("the pace of writing", () => {
  const progress = (current: number) => report({ progress: { current, total: 100, migration: `m${current}` } });

  test("a change of phase or run at once, progress every 10 s, an unchanged report never", () => {
    const pace = writePace();
    expect(pace.dueInMs(progress(1), 0)).toBe(0);
    pace.written(progress(1), 0);
    expect(pace.dueInMs({ ...progress(1), updatedAt: "later" }, 5_000)).toBeUndefined();
    expect(pace.dueInMs(progress(2), 4_000)).toBe(6_000);
    expect(pace.dueInMs(succeeded(), 4_000)).toBe(0);
    expect(pace.dueInMs({ ...progress(2), runId: "run-2" }, 4_000)).toBe(0);
  });

  test("no more than a burst and then one in 10 s, however wild the file is", () => {
    const pace = writePace();
    let writes = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) {
      const next = { ...succeeded(), runId: `run-${nowMs}` };
      if (pace.dueInMs(next, nowMs) !== 0) continue;
      pace.written(next, nowMs);
      writes += 1;
    }
    expect(writes).toBeLessThanOrEqual(12);
  });

  test("leaves the success of a long migration its place", () => {
    const pace = writePace();
    for (let tick = 0; tick < 60; tick += 1) pace.written(progress(tick), tick * 10_000);
    expect(pace.dueInMs(succeeded(), 590_001)).toBe(0);
  });
});
