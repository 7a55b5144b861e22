const floorMs = 200;
const baseMs = 500;
const capMs = 15_000;
const longestRetryAfterMs = 60_000;

/**
 * How long to pause after `failures` failures in a row: exponential with full jitter, so that a thousand waiters that
 * lost the API together do not come back together, over a floor that keeps each of them below 5 requests a second.
 *
 * The server's `Retry-After` is honoured within reason.
 */
export function backoffMs(failures: number, retryAfterMs = 0, random: () => number = Math.random): number {
  const jitter = random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 10));
  return Math.max(floorMs, Math.min(retryAfterMs, longestRetryAfterMs)) + jitter;
}
