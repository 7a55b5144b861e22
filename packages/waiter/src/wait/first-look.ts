import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { type ReadAnswer, readObject } from "../api/named-object.ts";
import { decide } from "../gate/decide.ts";
import type { Gate } from "../gate/gate.ts";
import { type GateView, ledgerObserved, ledgerOf, unseen } from "../gate/gate-view.ts";

/** A gate, and the first reading of its ledger, which the watch goes on from, also where it failed. */
export interface FirstLook {
  readonly view: GateView;
  readonly ledger: Promise<ReadAnswer>;
}

/** Begins to read every gate's ledger. */
export function firstLook(
  api: ApiClient,
  gates: readonly Gate[],
  namespace: string,
  now: () => number,
  signal: AbortSignal,
): FirstLook[] {
  return gates.map((gate) => {
    const view = unseen(gate, namespace, now());
    return { view, ledger: readObject(api, ledgerOf(view), "list", signal) };
  });
}

/** Waits for all of the readings; true where the ledgers have answered for every gate. */
export async function isEveryGateOpen(looks: readonly FirstLook[], now: () => number): Promise<boolean> {
  const readings = await Promise.allSettled(looks.map(({ ledger }) => ledger));
  return readings.every((reading, index) => {
    const view = looks[index]?.view;
    if (reading.status === "rejected" && !(reading.reason instanceof ApiError)) throw reading.reason;
    if (reading.status === "rejected" || !view) return false;
    return decide(ledgerObserved(view, reading.value.object, now())).kind === "open";
  });
}
