import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  reportedAt as now,
  reportOf,
  reportOfSuccess as succeeded,
  reportedSuccess as success,
} from "../../../../test/support/run-reports.ts";
import { parseReport } from "./parse-report.ts";
import { readReportText } from "./read-report.ts";
import { writePace } from "./write-pace.ts";

describe("a report", () => {
  test.each([
    reportOf("applying", { progress: { current: 1, total: 2, migration: "0001_users" } }),
    reportOf("applying", {
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
    { ...succeeded(), history: { readAt: now, breakingAppliedAt: now } },
    reportOf("failed", {
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
    [JSON.stringify({ ...reportOf("applying"), formatVersion: 2 }), "has an unknown formatVersion"],
    [JSON.stringify({ ...reportOf("applying"), phase: "done" }), "has an unknown phase"],
    [JSON.stringify({ ...reportOf("applying"), runId: 1 }), "has no usable runId"],
    [JSON.stringify({ ...reportOf("applying"), startedAt: "yesterday" }), "has no usable startedAt"],
    [JSON.stringify(reportOf("succeeded")), "has no usable success"],
    [JSON.stringify({ ...succeeded(), success: { ...success, applied: -1 } }), "has no usable applied"],
    [JSON.stringify({ ...succeeded(), history: true }), "has no usable history"],
    [JSON.stringify({ ...succeeded(), history: {} }), "has no usable readAt"],
    [
      JSON.stringify({ ...succeeded(), history: { readAt: now, breakingAppliedAt: "yesterday" } }),
      "has no usable breakingAppliedAt",
    ],
  ])("that cannot be used is refused: %s", (text, problem) => {
    expect(parseReport(text)).toEqual({ kind: "refused", problem });
  });

  test("claims no success in another phase", () => {
    const parsed = parseReport(JSON.stringify({ ...reportOf("applying"), success }));
    expect(parsed).toEqual({ kind: "report", report: reportOf("applying") });
  });

  test("of a success counts whatever its progress is", () => {
    const odd = { ...succeeded(), progress: { current: "1" }, lockWait: [], news: 1 };
    expect(parseReport(JSON.stringify(odd))).toEqual({ kind: "report", report: succeeded() });
  });

  test("is bounded and plain, whatever was in it", () => {
    const message = `\u001b]0;x\u0007${"é\n".repeat(5000)}`;
    const parsed = parseReport(JSON.stringify(reportOf("failed", { failure: { exitCode: 4, message } })));
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

describe("the pace of writing", () => {
  const progress = (current: number) =>
    reportOf("applying", { progress: { current, total: 100, migration: `m${current}` } });

  test("a change of phase or run at once, progress every 10 s, an unchanged report never", () => {
    const pace = writePace();
    expect(pace.dueInMs(progress(1), 0)).toBe(0);
    pace.written(progress(1), 0);
    expect(pace.dueInMs({ ...progress(1), updatedAt: "later" }, 5_000)).toBeUndefined();
    expect(pace.dueInMs(progress(2), 4_000)).toBe(6_000);
    expect(pace.dueInMs(succeeded(), 4_000)).toBe(0);
    expect(pace.dueInMs({ ...progress(2), runId: "run-2" }, 4_000)).toBe(0);
    const read = (history: object) => ({ ...progress(1), history: { readAt: now, ...history } });
    expect(pace.dueInMs(read({}), 4_000)).toBeUndefined();
    expect(pace.dueInMs(read({ breakingAppliedAt: now }), 4_000)).toBe(0);
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

  test("what was written is looked for every 10 s, and due again once it is gone", () => {
    const pace = writePace();
    pace.written(progress(1), 0);
    expect(pace.reviewInMs(4_000)).toBe(6_000);
    pace.reviewed(true, 10_000);
    expect(pace.dueInMs(progress(1), 10_000)).toBeUndefined();
    expect(pace.reviewInMs(14_000)).toBe(6_000);
    pace.reviewed(false, 20_000);
    expect(pace.dueInMs(progress(1), 20_000)).toBe(0);
  });

  test("leaves the success of a long migration its place", () => {
    const pace = writePace();
    for (let tick = 0; tick < 60; tick += 1) pace.written(progress(tick), tick * 10_000);
    expect(pace.dueInMs(succeeded(), 590_001)).toBe(0);
  });
});
