/** An `AbortSignal` that follows `parent` and also ends by itself once the time that was last set is over. */
export interface TimeLimit extends Disposable {
  readonly signal: AbortSignal;
  /** Sets the time anew, counted from now. */
  set(limitMs: number): void;
}

/**
 * Creates a limit that must be disposed of, which frees the timer and the listener on `parent`.
 *
 * `AbortSignal.any` is not used: its results stay tied to a parent that lives as long as the process.
 */
export function limitTime(parent: AbortSignal, limitMs: number): TimeLimit {
  const controller = new AbortController();
  const expire = () => controller.abort();
  const follow = () => controller.abort(parent.reason);
  let timer = setTimeout(expire, limitMs);
  parent.addEventListener("abort", follow, { once: true });
  if (parent.aborted) follow();
  return {
    signal: controller.signal,
    set(nextMs) {
      clearTimeout(timer);
      timer = setTimeout(expire, nextMs);
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      parent.removeEventListener("abort", follow);
    },
  };
}
