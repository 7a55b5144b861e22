import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { type NamedObject, readObject } from "../api/named-object.ts";
import { type ObjectListener, watchObject } from "../api/watch-object.ts";
import { decide } from "../gate/decide.ts";
import { type GateView, jobObserved, ledgerObserved, ledgerOf, troubled } from "../gate/gate-view.ts";

import type { FirstLook } from "./first-look.ts";

export interface GateWatch {
  readonly view: GateView;
  /** Reads the ledger once more, apart from its watch; where that fails, what is known must do. */
  lookAgain(): Promise<void>;
  /** Rejects when the signal aborts, or with a bug; never resolves. */
  readonly ended: Promise<never>;
}

/**
 * Keeps a gate's view up to date, from a first look on, and calls `changed` after every answer and every failure to get one.
 *
 * The Job is asked for only once the ledger had its say: a set that was applied before costs one request.
 */
export function watchGate(
  api: ApiClient,
  { view: initial, ledger: first }: FirstLook,
  now: () => number,
  changed: () => void,
  signal: AbortSignal,
): GateWatch {
  let view = initial;
  const { namespace, gate } = initial;
  const ledger = ledgerOf(initial);
  const job: NamedObject = { namespace, resource: "jobs", name: gate.job };
  const ledgerSpoke = Promise.withResolvers<void>();

  const update = (next: GateView) => {
    view = next;
    changed();
    if (decide(view).kind !== "open") ledgerSpoke.resolve();
  };
  const ledgerListener: ObjectListener = {
    observed: (object) => update(ledgerObserved(view, object, now())),
    troubled: (error) => update(troubled(view, "ledger", error, now())),
  };
  const jobListener: ObjectListener = {
    observed: (object) => update(jobObserved(view, object, now())),
    troubled: (error) => update(troubled(view, "job", error, now())),
  };
  const ended = Promise.race([
    watchObject(api, ledger, ledgerListener, signal, { first }),
    ledgerSpoke.promise.then(() => watchObject(api, job, jobListener, signal)),
  ]);

  return {
    get view() {
      return view;
    },
    async lookAgain() {
      try {
        const { object } = await readObject(api, ledger, "list", signal);
        ledgerListener.observed(object);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    },
    ended,
  };
}
