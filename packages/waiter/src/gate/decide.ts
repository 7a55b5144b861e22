import type { GateView } from "./gate-view.ts";
import type { JobState } from "./job-state.ts";

export type Decision =
  | { readonly kind: "open"; readonly by: "ledger" | "job" }
  | { readonly kind: "failed"; readonly job: JobState }
  | { readonly kind: "waiting" };

/**
 * Decides for one gate. The order of the rows is the contract:
 *
 * 1. The identity is in the ledger: open, whatever a later Job of the same identity says.
 * 2. The Job is Complete: open, unless a breaking migration was applied since it started: its run need not have known.
 * 3. The Job has failed and is not being deleted: failed. One that is being deleted is about to be retried.
 * 4. Everything else (absent, unread, running, suspended, retrying, no access): waiting.
 */
export function decide({ gate, ledger, job }: GateView): Decision {
  if (ledger.reading.kind === "present" && ledger.reading.value.entries.has(gate.identity)) {
    return { kind: "open", by: "ledger" };
  }
  if (job.reading.kind !== "present") return { kind: "waiting" };
  const state = job.reading.value;
  if (state.kind === "complete" && !isFromBeforeBreaking(state, ledger)) return { kind: "open", by: "job" };
  if (state.kind === "failed" && !state.deleting) return { kind: "failed", job: state };
  return { kind: "waiting" };
}

/** Of the two clocks, the API server's and the database's, one may be wrong; a run that does know has its entry. */
export function isFromBeforeBreaking({ startedAtMs = 0 }: JobState, { reading }: GateView["ledger"]): boolean {
  const breakingMs = reading.kind === "present" ? reading.value.breakingAppliedAtMs : undefined;
  return breakingMs !== undefined && startedAtMs < breakingMs;
}
