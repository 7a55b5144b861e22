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
 * 2. The Job is Complete: open.
 * 3. The Job has failed and is not being deleted: failed. One that is being deleted is about to be retried.
 * 4. Everything else (absent, unread, running, suspended, retrying, no access): waiting.
 */
export function decide({ gate, ledger, job }: GateView): Decision {
  if (ledger.reading.kind === "present" && ledger.reading.value.entries.has(gate.identity)) {
    return { kind: "open", by: "ledger" };
  }
  if (job.reading.kind !== "present") return { kind: "waiting" };
  const state = job.reading.value;
  if (state.kind === "complete") return { kind: "open", by: "job" };
  if (state.kind === "failed" && !state.deleting) return { kind: "failed", job: state };
  return { kind: "waiting" };
}
