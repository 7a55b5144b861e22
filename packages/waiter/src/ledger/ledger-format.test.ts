import { runPhases } from "@migration-gate/run-report/report";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ledgerProblems } from "../../../../test/support/ledger-schema.ts";
import { parseReport } from "../record/parse-report.ts";
import { readLedger } from "./ledger.ts";
import { documentOfReport, documentOfSuccess, type LedgerDocument, statusText } from "./ledger-document.ts";
import { readEntry } from "./ledger-entry.ts";
import { ledgerPatch } from "./ledger-patch.ts";

/** Texts of all sizes: of characters that JSON, UTF-8 and terminals treat in their own way. */
const text = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('"', "\\", "a", "é", "😀", "\u001b", "\n", "\ud800") }),
    fc.nat({ max: 200 }),
  )
  .map(([unit, times]) => `a${unit.repeat(times)}`);
const instant = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") })
  .map((date) => date.toISOString());
const count = fc.maxSafeNat();
const some = <T>(values: { [K in keyof T]: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[]) =>
  fc.record(values, { requiredKeys });

const history = some({ readAt: instant, breakingAppliedAt: instant }, ["readAt"]);
const operation = some({ command: text, phase: text, percent: count }, ["command"]);
const progress = some(
  {
    current: count,
    total: count,
    migration: text,
    file: text,
    startedAt: instant,
    attempt: count,
    statement: count,
    statements: count,
    operation,
  },
  ["current", "total", "migration"],
);
const blocker = some({ pid: count, user: text, applicationName: text, state: text, transactionMs: count }, ["pid"]);
const lockWait = some({ lock: text, relation: text, waitedMs: count, blockers: fc.array(blocker, { maxLength: 5 }) }, [
  "lock",
  "blockers",
]);
const success = some({ appliedFrom: text, appliedTo: text, applied: count, durationMs: count }, [
  "applied",
  "durationMs",
]);
const failure = some(
  { exitCode: count, message: text, migration: text, file: text, line: count, column: count, sqlState: text },
  ["exitCode", "message"],
);
const report = some(
  {
    formatVersion: fc.constant(1),
    runId: fc.uuid(),
    phase: fc.constantFrom(...runPhases),
    startedAt: instant,
    updatedAt: instant,
    history,
    progress,
    lockWait,
    success,
    failure,
  },
  ["formatVersion", "runId", "phase", "startedAt", "updatedAt", "success", "failure"],
);

const identityOf = (number: number) => number.toString(16).padStart(10, "0");
/** As long as Kubernetes lets them be; an image has no such limit. */
const origin = { job: "j".repeat(63), jobUid: "u".repeat(36), pod: "p".repeat(253), image: "i".repeat(4000) };

/** The document that `record` makes of a report, after reading it as it reads the file. */
function recorded(written: object, identity: string, pod = origin.pod): LedgerDocument {
  const parsed = parseReport(JSON.stringify(written));
  if (parsed.kind === "refused") throw new Error(parsed.problem);
  return documentOfReport(identity, { ...origin, pod }, parsed.report);
}

test("whatever is reported, what is written is documented, and a full ledger stays below 32 KiB", () => {
  fc.assert(
    fc.property(fc.array(report, { minLength: 1, maxLength: 30 }), (reports) => {
      const data: Record<string, string> = {};
      for (const [index, one] of reports.entries()) {
        const pod = index.toString().padStart(253, "p");
        const patch = ledgerPatch(recorded(one, identityOf(index), pod), data);
        if (patch.kind === "data") apply(patch.data, data);
      }
      expect(ledgerProblems(data)).toEqual([]);
      for (const [key, value] of Object.entries(data)) {
        expect(Buffer.byteLength(value)).toBeLessThanOrEqual(key === "status" ? 2048 : 1408);
      }
    }),
    { numRuns: 200 },
  );
});

test("twenty of the largest entries and the largest status are below 32 KiB", () => {
  const quotes = '"'.repeat(200);
  const at = "2026-01-01T00:00:00.000Z";
  const largest = {
    formatVersion: 1,
    runId: "run",
    phase: "succeeded",
    startedAt: at,
    updatedAt: at,
    history: { readAt: at, breakingAppliedAt: at },
    progress: { current: 1, total: 1, migration: quotes, file: quotes },
    success: { appliedFrom: quotes, appliedTo: quotes, applied: 1, durationMs: 1 },
  };
  const data: Record<string, string> = {};
  for (let count = 0; count < 25; count += 1) {
    const patch = ledgerPatch(recorded(largest, identityOf(count)), data);
    if (patch.kind === "data") apply(patch.data, data);
  }
  expect(Object.keys(data)).toHaveLength(22);
  const bytes = Object.entries(data).reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(value), 0);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThanOrEqual(32 * 1024);
});

test("a migration without report is documented, too", () => {
  const document = documentOfSuccess(identityOf(1), origin, new Date(0).toISOString());
  expect(ledgerProblems({ [identityOf(1)]: document.entry ?? "", status: statusText(document) })).toEqual([]);
});

test("a status that fits is left as it is; one that does not keeps what is counted, and one blocker", () => {
  const long = '"\\'.repeat(100);
  const lockWait = { lock: "relation", relation: long, blockers: [{ pid: 1, user: long, state: long }, { pid: 2 }] };
  const at = "2026-01-01T00:00:00.000Z";
  const run = { formatVersion: 1, runId: "run", phase: "failed", startedAt: at, updatedAt: at } as const;
  const progress = { current: 7, total: 12, migration: "0042_add_index", attempt: 2 };
  const short = { lock: "relation", relation: "public.a", blockers: [{ pid: 1 }, { pid: 2 }] };
  const failure = { exitCode: 4, message: "no" };
  const fitting = recorded({ ...run, failure, progress, lockWait: short }, identityOf(1));
  expect(JSON.parse(statusText(fitting))).toMatchObject({ progress, lockWait: short });
  const wide = { ...run, progress, lockWait, failure: { exitCode: 4, message: long.repeat(5), file: long } };
  expect(JSON.parse(statusText(recorded(wide, identityOf(1)), 2))).toMatchObject({
    pod: origin.pod,
    attempt: 2,
    progress,
    lockWait: { blockers: [{ pid: 1 }] },
    failure: { exitCode: 4 },
  });
});

describe("a reader", () => {
  const ledger = (data: Record<string, string>) => ({ metadata: { name: "ledger" }, data });
  const identity = identityOf(1);
  const status = { identity, phase: "applying", progress: { current: 1, total: 2, migration: "0001_a" } };

  test("leaves out fields that it does not know", () => {
    fc.assert(
      fc.property(report, fc.dictionary(fc.constantFrom("extra", "more", "x"), fc.jsonValue()), (one, extra) => {
        const text = statusText(recorded(one, identity));
        const wider = JSON.stringify({ ...extra, ...JSON.parse(text) });
        expect(readLedger(ledger({ status: wider }))).toEqual(readLedger(ledger({ status: text })));
      }),
    );
  });

  test.each([undefined, 1])("understands a status of version %s", (formatVersion) => {
    const text = JSON.stringify({ ...status, formatVersion });
    expect(readLedger(ledger({ status: text })).status).toMatchObject(status);
  });

  test.each([0, 2, "1", null])("tells nothing of a status of version %j", (formatVersion) => {
    expect(readLedger(ledger({ status: JSON.stringify({ ...status, formatVersion }) })).status).toBeUndefined();
  });

  test("opens on the key of an entry in any version, and reads what of it has to stay", () => {
    const entry = JSON.stringify({ formatVersion: 2, succeededAt: "2030-01-01T00:00:00.000Z", applied: "all" });
    const configMap = ledger({ [identity]: entry });
    expect(readLedger(configMap).entries).toEqual(new Set([identity]));
    expect(readEntry(configMap, identity)).toMatchObject({ succeededAt: "2030-01-01T00:00:00.000Z" });
  });

  test.each([
    ["{}", Number.POSITIVE_INFINITY],
    ["", Number.POSITIVE_INFINITY],
    ['{"formatVersion":2,"appliedAt":"1970-01-01T00:00:01.000Z"}', 1000],
  ])("takes the breaking migration %j to be at %d", (text, appliedAtMs) => {
    expect(readLedger(ledger({ breaking: text })).breakingAppliedAtMs).toBe(appliedAtMs);
  });
});

function apply(patch: Readonly<Record<string, string | null>>, data: Record<string, string>): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete data[key];
    else data[key] = value;
  }
}
