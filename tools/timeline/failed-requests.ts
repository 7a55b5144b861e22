import { failures, type LoadSample } from "../environment/load.ts";
import type { Lane } from "./timeline.ts";

/** What of a timeline tells why a request failed. */
interface Happenings {
  readonly from: number;
  readonly lanes: readonly Pick<Lane, "name" | "spans">[];
}

/** How long before a request a change of a pod may be the cause of its failure. */
const causeMs = 3000;

/** A line for each request that failed: when, why, and which pods and Jobs have just changed. */
export function failedRequests(samples: readonly LoadSample[], { from, lanes }: Happenings): string[] {
  return failures(samples).map(({ at, durationMs, failure }) => {
    const changes = lanes.flatMap((lane) => changesOf(lane, at - causeMs, at + durationMs));
    const seconds = ((at - from) / 1000).toFixed(1);
    return `+${seconds} s: ${failure} after ${Math.round(durationMs)} ms; ${changes.join(", ") || "nothing has changed"}`;
  });
}

/** The first of these lines, and how many more there are. */
export function firstOf(lines: readonly string[], limit = 10): string[] {
  const more = lines.length - limit;
  return more > 0 ? [...lines.slice(0, limit), `… and ${more.toLocaleString("en")} more`] : [...lines];
}

function changesOf({ name, spans }: Happenings["lanes"][number], from: number, to: number): string[] {
  return spans.filter((span) => span.from >= from && span.from <= to).map(({ state }) => `${name} is ${state}`);
}
