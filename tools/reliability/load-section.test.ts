import { expect, test } from "vitest";
import type { LoadResults, Step, StepKind } from "./load-results.ts";
import { loadSection } from "./load-section.ts";
import { exceededBounds, type ObjectCount } from "./object-bounds.ts";

const atFirst: ObjectCount = {
  failedRevisions: 0,
  migrations: 18,
  objects: {
    jobs: 1,
    pods: 6,
    configMaps: 4,
    access: 8,
    secrets: 3,
    helmSecrets: 1,
    replicaSets: 1,
    ledgerEntries: 1,
    ledgerBytes: 600,
    historyRows: 18,
    sessions: 0,
  },
};
const later = (objects: Partial<ObjectCount["objects"]>, failedRevisions = 0): ObjectCount => ({
  failedRevisions,
  migrations: 20,
  objects: { ...atFirst.objects, ...objects },
});
const step = (kind: StepKind, seconds: number): Step => ({ minute: 1, kind, helm: 4, seconds });
const results: LoadResults = {
  versions: { Kubernetes: "v1.35.0", Helm: "v4.0.0 and v3.0.0" },
  date: "2026-11-23",
  minutes: 3,
  replicas: 4,
  requests: { sent: 3601, perSecond: 20, p50Ms: 4.04, p99Ms: 31.2, longestMs: 200, failed: [] },
  steps: [step("failing", 9), step("good", 20), step("good", 24.04), step("good", 23)],
  counts: [atFirst, later({ jobs: 2 }, 1), later({ jobs: 3, ledgerBytes: 1234 }, 2)],
};

test("tells when and how it was played, how many requests failed, and how soon the others were answered", () => {
  expect(loadSection(results)).toContain(
    "3 minutes with a release each, by Helm 4 and Helm 3 in turn, at 4 pods and 20 requests a second; played on 2026-11-23 with Kubernetes v1.35.0, Helm v4.0.0 and v3.0.0.",
  );
  expect(loadSection(results)).toContain(
    "**3,601 requests, of which none failed.** Half of them were answered within 4.0 ms, 99 % within 31 ms, the slowest within 200 ms.",
  );
});

test("lists requests that failed", () => {
  const failed = ["+61.0 s: ECONNRESET after 12 ms; blog-1 is terminating"];
  const section = loadSection({ ...results, requests: { ...results.requests, failed } });
  expect(section).toContain("**3,601 requests, of which 1 failed.**");
  expect(section).toContain(`\n- ${failed[0]}\n`);
});

test("has a row for each kind of release that was played", () => {
  expect(loadSection(results)).toContain("| a migration that is applied in no time | 3 | 23.0 (24.0) |");
  expect(loadSection(results)).not.toContain("| a migration of 15 seconds |");
});

test("shows what there was at first, half-way and at the end, and how much there may be", () => {
  const section = loadSection(results);
  expect(section).toContain("| failed revisions | 0 | 1 | 2 |  |");
  expect(section).toContain("| migration Jobs | 1 | 2 | 3 | as at first, and one for each failed revision |");
  expect(section).toContain("| bytes of the ledger | 600 | 600 | 1,234 | 32 KiB |");
});

test.each<{ what: string; count: ObjectCount; exceeded: RegExp[] }>([
  { what: "nothing more than at first", count: later({}), exceeded: [] },
  {
    what: "a Job of a failed revision, and its files",
    count: later({ jobs: 2, configMaps: 5, pods: 7 }, 1),
    exceeded: [],
  },
  { what: "a Job that nothing accounts for", count: later({ jobs: 3 }, 1), exceeded: [/^3 migration Jobs, and 2 are/] },
  { what: "a Role too many", count: later({ access: 9 }), exceeded: [/^9 Roles/] },
  { what: "a row for each migration", count: later({ historyRows: 20 }), exceeded: [] },
  { what: "a row of a failed attempt", count: later({ historyRows: 21 }), exceeded: [/^21 rows of the history/] },
  { what: "a ledger that is full", count: later({ ledgerEntries: 20, ledgerBytes: 32_768 }), exceeded: [] },
  {
    what: "a ledger that grows",
    count: later({ ledgerEntries: 21, ledgerBytes: 32_769 }),
    exceeded: [/^21 entries/, /^32769 bytes/],
  },
])("judges $what", ({ count, exceeded }) => {
  expect(exceededBounds(atFirst, count)).toEqual(exceeded.map((line) => expect.stringMatching(line)));
});
