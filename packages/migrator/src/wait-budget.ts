import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

/**
 * What is left of `--wait-budget`: the time that a run may spend waiting, for a connection, the lock, a blocked table or
 * the recorder, all together. A statement that runs is never charged.
 */
export class WaitBudget {
  readonly totalMs: number;
  #remainingMs: number;
  readonly #now: () => number;

  constructor(totalMs: number, now: () => number = () => performance.now()) {
    this.totalMs = totalMs;
    this.#remainingMs = totalMs;
    this.#now = now;
  }

  get remainingMs(): number {
    return Math.max(0, this.#remainingMs);
  }

  get exhausted(): boolean {
    return this.#remainingMs <= 0;
  }

  charge(durationMs: number): void {
    this.#remainingMs -= durationMs;
  }

  /** Charges the time that `wait` takes, whatever its end. */
  async spend<T>(wait: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      return await wait();
    } finally {
      this.charge(this.#now() - startedAt);
    }
  }

  /** Sleeps at most as long as the budget lasts; an abort ends the sleep by rejecting. */
  async sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    await this.spend(() => delay(Math.min(durationMs, this.remainingMs), undefined, { signal }));
  }
}

/** The nth (from 0) pause between attempts: doubled each time up to `maximumMs`, and any of its upper half by chance. */
export function backoffMs(attempt: number, firstMs: number, maximumMs: number, random = Math.random): number {
  const full = Math.min(firstMs * 2 ** Math.min(attempt, 30), maximumMs);
  return full / 2 + (full / 2) * random();
}
