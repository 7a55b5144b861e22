import type { RunReport } from "@migration-gate/run-report/report";
import { expect, test } from "vitest";
import { failure, gate, job, start } from "../../../../test/support/gate-views.ts";
import { decide } from "../gate/decide.ts";
import { type GateView, jobObserved, ledgerObserved } from "../gate/gate-view.ts";
import { documentOfReport } from "../ledger/ledger-document.ts";
import { ledgerPatch } from "../ledger/ledger-patch.ts";
import { gateStatus } from "../status/gate-status.ts";
import { jobFailedError } from "./explain-failure.ts";
import { stateLine } from "./state-line.ts";

const hour = 3_600_000;
const nowMs = Date.parse("2026-11-22T12:00:00.000Z");
const origin = { job: gate.job, jobUid: "uid-1", pod: "blog-1", image: "acme/migrations:1" };
/** By the database's clock. */
const history = { readAt: new Date(nowMs).toISOString() };
const lockWait = {
  lock: "relation",
  relation: "public.posts",
  waitedMs: 900,
  blockers: [{ pid: 9, transactionMs: 40_000 }],
};

/** A run as a migrator on a node tells it whose clock is wrong by so much. */
function runs(skewMs: number): RunReport[] {
  const at = new Date(nowMs + skewMs).toISOString();
  const head = { formatVersion: 1, runId: "run-1", startedAt: at, updatedAt: at, history } as const;
  const progress = { current: 1, total: 2, migration: "0001_users", startedAt: at };
  return [
    { ...head, phase: "connecting" },
    { ...head, phase: "waiting-for-lock", lockWait },
    { ...head, phase: "applying", progress, lockWait },
    { ...head, phase: "failed", progress, failure },
    { ...head, phase: "succeeded", success: { applied: 2, durationMs: 1234, appliedTo: "0002_posts" } },
  ];
}

/** All that is told of a run, and decided by it, where the ledger has held the entry of another set. */
function told(run: RunReport): unknown {
  const older = { "1111111111": JSON.stringify({ succeededAt: history.readAt, historyReadAt: history.readAt }) };
  const patch = ledgerPatch(documentOfReport(gate.identity, origin, run), older);
  const ledger = { metadata: { name: gate.ledger }, data: patch.kind === "data" ? { ...older, ...patch.data } : older };
  return [job(), job({ type: "Complete" }), job({ type: "Failed", reason: "PodFailurePolicy" })].map((object) => {
    const view: GateView = jobObserved(ledgerObserved(start, ledger as never, 1), object as never, 1);
    const decision = decide(view);
    const { detail, isOpen } = gateStatus(
      { gate, release: "blog", ledger: ledger as never, job: object as never, waiting: [] },
      "blog",
    );
    const refusal = decision.kind === "failed" ? jobFailedError(view, decision.job, "blog-a").message : undefined;
    return { decision, line: stateLine(view), detail, isOpen, refusal, keys: Object.keys(ledger.data) };
  });
}

test.each([hour, -hour, -nowMs, 70 * 365 * 24 * hour])(
  "nothing that is told, decided or kept depends on a clock of the migration's node that is wrong by %i ms",
  (skewMs) => {
    expect(runs(skewMs).map(told)).toEqual(runs(0).map(told));
  },
);
