import { UsageError } from "./expected-error.ts";

const millisecondsPerUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** What a timer takes (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args): a longer one ends at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Parses durations as the command lines and the chart spell them (`500ms`, `2s`, `5m`, `1h30m`) into milliseconds.
 *
 * @throws UsageError for anything else, a bare number included, because its unit would be a guess; and for more than 24
 * days, which no timer takes.
 */
export function parseDuration(text: string, name: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const consumed = parts.map((part) => part[0]).join("");
  if (parts.length === 0 || consumed !== text) {
    throw new UsageError(`${name}: "${text}" is not a duration; write it like 500ms, 30s, 5m or 1h30m`);
  }
  const durationMs = parts.reduce(
    (sum, [, value, unit]) => sum + Number(value) * millisecondsPerUnit[unit as "ms" | "s" | "m" | "h"],
    0,
  );
  if (durationMs > longestMs)
    throw new UsageError(`${name}: "${text}" is more than 596h, the longest that can be waited`);
  return durationMs;
}

/** Formats milliseconds for people: `850 ms`, `12.3 s`, `4 min 05 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
