import { ageText } from "../age-text.ts";
import { textTable } from "../text-table.ts";
import type { GateStatus } from "./gate-status.ts";
import type { StatusReport } from "./read-status.ts";

/** Shows a report to people; ages are counted from `nowMs`. */
export function statusTable({ namespace, release, gates, problems }: StatusReport, nowMs: number): string {
  const where = `${release === undefined ? "" : `of release ${release} `}in namespace ${namespace}`;
  const table =
    gates.length === 0 ? `no gate ${where}\n` : textTable([columns, ...gates.map((gate) => row(gate, nowMs))]);
  const failed = gates.filter(({ isOpen, job }) => !isOpen && job.state === "failed");
  const notes = [
    ...problems.map((problem) => `! ${problem}\n`),
    ...failed.map(
      ({ job }) => `To run it again, unchanged: kubectl migration-gate retry ${job.name} -n ${namespace}\n`,
    ),
  ];
  return notes.length === 0 ? table : `${table}\n${notes.join("")}`;
}

const columns = ["GATE", "IDENTITY", "LEDGER", "JOB", "PODS WAITING", "DETAIL"];

function row({ gate, identity, ledger, job, waiting, detail }: GateStatus, nowMs: number): string[] {
  return [
    gate,
    identity ?? "-",
    withAge(ledger.state, ledger.since, nowMs),
    withAge(job.state, job.since, nowMs),
    waiting === undefined ? "unknown" : waitingText(waiting, nowMs),
    detail,
  ];
}

/** How many, since when the first of them, and how often waiters have ended without opening. */
function waitingText(pods: NonNullable<GateStatus["waiting"]>, nowMs: number): string {
  if (pods.length === 0) return "-";
  const oldest = pods
    .map(({ since }) => since)
    .filter((since) => since !== undefined)
    .sort()[0];
  const restarts = Math.max(...pods.map((pod) => pod.restarts));
  const age = oldest === undefined ? "" : ` for ${ageText(nowMs - Date.parse(oldest))}`;
  return `${pods.length}${age}${restarts > 0 ? ` (${restarts} restarts)` : ""}`;
}

function withAge(state: string, since: string | undefined, nowMs: number): string {
  const ms = since === undefined ? Number.NaN : nowMs - Date.parse(since);
  return Number.isNaN(ms) ? state : `${state} ${ageText(ms)}`;
}
