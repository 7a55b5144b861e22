import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fencedBlocks, section } from "../../../../tools/documentation/markdown.ts";
import { ageText } from "../age-text.ts";
import { type GateStatus, gateStatus } from "./gate-status.ts";
import { statusTable } from "./status-table.ts";
import { gatesOfArguments } from "./waiting-pods.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const ago = (seconds: number) => new Date(nowMs - seconds * 1000).toISOString();

const open: GateStatus = {
  gate: "blog",
  release: "blog",
  identity: "1111111111",
  isOpen: true,
  ledger: { name: "blog-ledger", state: "applied", since: ago(3 * 86_400) },
  job: { name: "blog-1111111111", state: "absent" },
  waiting: [],
  detail: "applied up to 0012_import_archive",
};
const closed: GateStatus = {
  ...open,
  identity: "2222222222",
  isOpen: false,
  ledger: { name: "blog-ledger", state: "not applied" },
  job: { name: "blog-2222222222", state: "failed", since: ago(150) },
  waiting: [
    { name: "blog-a", since: ago(90), restarts: 2, exitCode: 10 },
    { name: "blog-b", since: ago(160), restarts: 0, exitCode: undefined },
  ],
  detail: "0019.sql:2:1: null values",
};

test("a report is a table, and beneath it what cannot be shown and what can be done", () => {
  const problems = ["pods cannot be shown"];
  const report = { namespace: "blog", release: undefined, gates: [open, closed], problems };
  expect(statusTable(report, nowMs)).toBe(
    [
      "GATE  IDENTITY    LEDGER       JOB        PODS WAITING           DETAIL",
      "blog  1111111111  applied 3d   absent     -                      applied up to 0012_import_archive",
      "blog  2222222222  not applied  failed 2m  2 for 2m (2 restarts)  0019.sql:2:1: null values",
      "",
      "! pods cannot be shown",
      "To run it again, unchanged: kubectl migration-gate retry blog-2222222222 -n blog",
      "",
    ].join("\n"),
  );
});

test("the table in docs/progress.md is what is shown of such a run", async () => {
  const page = section(await readFile("docs/progress.md", "utf8"), "In the pods that wait");
  const identity = "25588d33de";
  const gate = { job: `shop-migrations-${identity}`, ledger: "shop-migrations-ledger", identity };
  const status = {
    identity,
    phase: "applying",
    progress: {
      current: 2,
      total: 3,
      migration: "0042_posts_slug_index",
      operation: { command: "CREATE INDEX CONCURRENTLY", phase: "waiting for old snapshots" },
    },
    lockWait: { lock: "virtualxid", blockers: [{ pid: 138, applicationName: "nightly-report" }] },
  };
  const shown = (fields: object = {}) => {
    const objects = {
      gate,
      release: "shop",
      ledger: { metadata: { name: gate.ledger }, data: { status: JSON.stringify({ ...status, ...fields }) } } as never,
      job: { metadata: { name: gate.job }, status: { startTime: ago(14) } } as never,
      waiting: [{ name: "shop-a", gates: [gate], since: ago(14), restarts: 0, exitCode: undefined }],
    };
    const report = { namespace: "apps", release: "shop", gates: [gateStatus(objects, "apps")], problems: [] };
    return statusTable(report, nowMs);
  };
  expect(shown()).toBe(fencedBlocks(page).at(-1)?.text);
  expect(shown({ attempt: 2 })).toContain(" attempt 2 of the Job: applying 2 of 3: ");
});

test.each([
  [-3_000, "0s"],
  [119_000, "119s"],
  [120_000, "2m"],
  [7_199_000, "119m"],
  [7_200_000, "2h"],
  [172_800_000, "2d"],
])("%i ms are %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

test.each<[string[], unknown]>([
  [
    ["wait", "--job=a", "--ledger=b", "--identity=1111111111", "--timeout=60s"],
    [{ job: "a", ledger: "b", identity: "1111111111" }],
  ],
  [
    ["wait", "--gate=a:b:1111111111", "--gate", "c:d:2222222222"],
    [
      { job: "a", ledger: "b", identity: "1111111111" },
      { job: "c", ledger: "d", identity: "2222222222" },
    ],
  ],
  [["wait", "--for=condition=complete", "job/a"], undefined],
  [["record", "--ledger=b", "--identity=1111111111"], undefined],
  [[], undefined],
])("the arguments %j wait for %j", (args, gates) => {
  expect(gatesOfArguments(args)).toEqual(gates);
});
