/**
 * Stands in for `node:timers/promises` where a test moves the clock: vitest's fake timers reach the global `setTimeout`
 * and not that module.
 *
 *     vi.mock("node:timers/promises", () => import("…/test/support/virtual-delay.ts"));
 */
export function setTimeout(
  delayMs: number,
  value?: unknown,
  { signal }: { signal?: AbortSignal } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      globalThis.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve(value);
    }, delayMs);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
