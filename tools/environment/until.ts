import { setTimeout } from "node:timers/promises";

/**
 * Waits until `probe` returns something else than `undefined` or `false`, and returns that.
 *
 * @throws when `timeoutMs` has passed, with the last error of the probe as its cause; or when `signal` aborts.
 */
export async function until<T>(
  description: string,
  probe: () => Promise<T | undefined | false>,
  {
    timeoutMs = 120_000,
    intervalMs = 200,
    signal,
  }: { timeoutMs?: number; intervalMs?: number; signal?: AbortSignal } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s in vain for: ${description}`, { cause: lastError });
    }
    await setTimeout(intervalMs, undefined, signal && { signal });
  }
}
