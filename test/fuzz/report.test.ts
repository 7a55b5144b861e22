import { progressText } from "@migration-gate/run-report/progress-text";
import type { RunReport } from "@migration-gate/run-report/report";
import fc from "fast-check";
import { expect } from "vitest";
import { identityPattern } from "../../packages/waiter/src/gate/gate.ts";
import { ledgerData, readLedger } from "../../packages/waiter/src/ledger/ledger.ts";
import { documentOfReport, statusText } from "../../packages/waiter/src/ledger/ledger-document.ts";
import { newestIdentity, readEntry } from "../../packages/waiter/src/ledger/ledger-entry.ts";
import { ledgerPatch } from "../../packages/waiter/src/ledger/ledger-patch.ts";
import { parseReport } from "../../packages/waiter/src/record/parse-report.ts";
import { hostileText } from "../support/hostile-text.ts";
import { mutatedJson } from "../support/mutated-json.ts";
import { fuzz } from "./fuzz.ts";

const identity = "0a1b2c3d4e";
const now = "2026-01-02T03:04:05.678Z";
const origin = { job: `blog-${identity}`, jobUid: "uid-1", pod: `blog-${identity}-x`, image: "acme/blog:1" };

const head = { formatVersion: 1, runId: "run", startedAt: now, updatedAt: now };
const progress = {
  current: 7,
  total: 12,
  migration: "0007_a",
  file: "0007_a.sql",
  startedAt: now,
  attempt: 2,
  statement: 1,
  statements: 2,
  operation: { command: "CREATE INDEX", phase: "building index", percent: 63 },
};
const blocker = { pid: 9, user: "app", applicationName: "psql", state: "idle in transaction", transactionMs: 40_000 };
const lockWait = { lock: "relation", relation: "public.posts", waitedMs: 1, blockers: [blocker, blocker, blocker] };
const success = { appliedFrom: "1_a", appliedTo: "2_b", applied: 1, durationMs: 5 };
const history = { readAt: now, breakingAppliedAt: now };
const failure = {
  exitCode: 4,
  message: "no",
  migration: "1_a",
  file: "1_a.sql",
  line: 1,
  column: 2,
  sqlState: "42P01",
};

const anything = fc.oneof(
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.constantFrom<unknown>(-1, 0.5, 1e300, "9999-12-31T00:00:00Z", "+275760-09-13T00:00:00Z", "succeeded", "applying"),
  fc.constantFrom('"'.repeat(5000), "\\".repeat(5000), "é".repeat(5000), "\ud800".repeat(500), hostileText),
);
/** Several parts of a report at once: some faults are only seen together. */
const changed = (report: unknown, times: number): fc.Arbitrary<unknown> =>
  times === 0 ? fc.constant(report) : mutatedJson(report, anything).chain((next) => changed(next, times - 1));
const report = fc.oneof(
  anything,
  ...[
    { ...head, phase: "applying", progress, lockWait },
    { ...head, phase: "succeeded", success, history },
    { ...head, phase: "failed", progress, lockWait, failure },
  ].flatMap((original) => [1, 2, 4].map((times) => changed(original, times))),
);
const reportText = fc.oneof(
  { weight: 8, arbitrary: report.map((value) => JSON.stringify(value)) },
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "{", "null", `${"[".repeat(30_000)}`, '{"formatVersion":1,"formatVersion":2}'),
);

fuzz(
  "a report of any content is refused with its problem, or bounded, plain, and readable in the ledger",
  reportText,
  (text) => {
    const parsed = parseReport(text);
    if (parsed.kind === "refused") {
      expect(parsed.problem).toMatch(/^(is not JSON|has (an unknown|no usable) \w+)$/);
      return;
    }
    const { phase } = parsed.report;
    expect(progressText(parsed.report)).toMatch(plain);
    const document = documentOfReport(identity, origin, parsed.report);
    expect(Buffer.byteLength(statusText(document))).toBeLessThanOrEqual(2048);
    expect(Buffer.byteLength(document.entry ?? "")).toBeLessThanOrEqual(1408);
    expect(document.entry !== undefined).toBe(phase === "succeeded");
    const patch = ledgerPatch(document, {});
    const ledger = readLedger({ metadata: { name: "blog-ledger" }, data: {}, ...patch } as never);
    expect(ledger.entries.has(identity)).toBe(phase === "succeeded");
    expect(ledger.status).toMatchObject({ identity, phase });
    expect(ledger.status?.failure !== undefined).toBe(phase === "failed");
    // Read again, nothing has been lost of what leads a person to the failure.
    if (parsed.report.failure) expect(ledger.status?.failure?.exitCode).toBe(parsed.report.failure.exitCode);
  },
  { runs: 3000 },
);

const plain = /^[^\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/u;

fuzz(
  "no progress, however broken, hides a success or a failure",
  fc.tuple(
    anything,
    anything,
    fc.constantFrom<Partial<RunReport>>({ phase: "succeeded", success }, { phase: "failed", failure }),
  ),
  ([brokenProgress, brokenWait, end]) => {
    const text = JSON.stringify({ ...head, ...end, progress: brokenProgress, lockWait: brokenWait });
    expect(parseReport(text)).toMatchObject({ kind: "report", report: end });
  },
);

const key = fc.oneof(
  fc.constantFrom(identity, "1111111111", "2222222222", "status", "breaking", "__proto__", "0A1B2C3D4E", "0a1b2c3d4e0"),
  fc.stringMatching(/^[0-9a-f]{10}$/),
  fc.string({ maxLength: 12 }),
);
const entry = fc.oneof(
  anything,
  fc.constantFrom<unknown>(
    '{"succeededAt":"2026-01-01T00:00:00Z"}',
    '{"succeededAt":"9999-01-01","historyReadAt":"9999-01-01"}',
    '{"formatVersion":1,"appliedAt":"2026-01-01T00:00:00Z"}',
    '{"formatVersion":9,"appliedAt":"+275760-09-13T00:00:00Z"}',
    '{"succeededAt":1}',
    "null",
  ),
  report.map((value) => JSON.stringify(value)),
);
const hostileData = fc.oneof(anything, fc.dictionary(key, entry, { maxKeys: 40 }));

fuzz(
  "a ledger of any content is read, and a record removes nothing but entries of other sets",
  fc.tuple(
    hostileData,
    fc.constantFrom(undefined, { readAt: now }, history, { ...history, breakingAppliedAt: "9999-01-01" }),
  ),
  ([data, known]) => {
    const configMap = { metadata: { name: "blog-ledger" }, data } as never;
    const { entries } = readLedger(configMap);
    for (const entered of entries) {
      const { appliedTo = "", image = "", succeededAt = "" } = readEntry(configMap, entered);
      expect(`${appliedTo}${image}${succeededAt}`).toMatch(plain);
    }
    expect(entries.has(newestIdentity(configMap) ?? "")).toBe(entries.size > 0);
    const state = { phase: "applying", startedAt: now, updatedAt: now } as const;
    const document = { identity, origin, state, entry: "{}", history: known };
    const patch = ledgerPatch(document, ledgerData(configMap));
    if (patch.kind === "outdated") return;
    expect(patch.data).toMatchObject({ status: statusText(document), [identity]: "{}" });
    const removed = Object.entries(patch.data).flatMap(([name, value]) => (value === null ? [name] : []));
    for (const name of removed) expect(name).toMatch(identityPattern);
    expect(removed).not.toContain(identity);
    expect(new Set([...entries, identity]).size - removed.length).toBeLessThanOrEqual(20);
  },
  { runs: 2000 },
);
