import type { Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";
import { type ListedObject, type ReleaseState, releaseKinds, releaseState } from "./release-state.ts";

export interface ReleaseObserver {
  readonly state: () => Promise<ReleaseState>;
  /** Waits until the state is as described, and returns it. */
  readonly reaches: (
    description: string,
    isReached: (state: ReleaseState) => boolean,
    patience?: Patience,
  ) => Promise<ReleaseState>;
}

/** For how long a state is waited for, and how often it is looked at. */
export interface Patience {
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

/** Generous: what is waited for takes seconds on an idle machine. */
const usual: Patience = { timeoutMs: 180_000, intervalMs: 500 };

/** Looks at the release that a namespace holds. */
export function observeRelease({ get }: Namespace): ReleaseObserver {
  const state = async () => releaseState((await get<{ items: ListedObject[] }>(releaseKinds)).items);
  const reaches: ReleaseObserver["reaches"] = (description, isReached, patience = usual) =>
    until(
      description,
      async () => {
        const current = await state();
        return isReached(current) && current;
      },
      patience,
    );
  return { state, reaches };
}
