import type { Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";
import { type ListedObject, type ReleaseState, releaseKinds, releaseState } from "./release-state.ts";

export interface ReleaseObserver {
  readonly state: () => Promise<ReleaseState>;
  /** Waits until the state is as described, and returns it. */
  readonly reaches: (description: string, isReached: (state: ReleaseState) => boolean) => Promise<ReleaseState>;
}

/** Generous: what is waited for takes seconds on an idle machine. */
const limits = { timeoutMs: 180_000, intervalMs: 500 };

/** Looks at the release that a namespace holds. */
export function observeRelease({ get }: Namespace): ReleaseObserver {
  const state = async () => releaseState((await get<{ items: ListedObject[] }>(releaseKinds)).items);
  const reaches: ReleaseObserver["reaches"] = (description, isReached) =>
    until(
      description,
      async () => {
        const current = await state();
        return isReached(current) && current;
      },
      limits,
    );
  return { state, reaches };
}
