import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "./api-client.ts";
import { ApiError, statusError } from "./api-error.ts";
import { backoffMs } from "./backoff.ts";
import {
  type ApiObject,
  isNamed,
  isRecord,
  listRequest,
  type NamedObject,
  type ReadAnswer,
  readObject,
  unexpectedAnswer,
} from "./named-object.ts";

/** Hears of every change, in order. */
export interface ObjectListener {
  /** The object as it is now; `undefined`: it does not exist. */
  observed(object: ApiObject | undefined): void;
  /** It could not be read; called for every failed attempt. */
  troubled(error: ApiError): void;
}

export interface WatchTiming {
  /** The server ends a watch after this long and we list again: the longest that a lost event can go unnoticed. */
  readonly watchMs: number;
  /** The API server sends a bookmark about once a minute; longer silence is a half-open connection. */
  readonly silenceMs: number;
  /** A watch that ends sooner counts as a failure, so that the next one backs off. */
  readonly healthyMs: number;
  readonly pollMs: number;
}

const defaultTiming: WatchTiming = { watchMs: 270_000, silenceMs: 80_000, healthyMs: 5_000, pollMs: 3_000 };

export interface WatchOptions {
  readonly timing?: WatchTiming;
  /** A list that has been sent already: it stands for the first one. */
  readonly first?: Promise<ReadAnswer>;
}

/** How many polls pass before list and watch are tried again: a Role may have been completed meanwhile. */
const pollsBeforeWatching = 20;

/**
 * Tells `listener` about one object for as long as `signal` lets it: list, then watch from the listed resourceVersion,
 * and on *any* end of the watch list again. Where list or watch is forbidden but the object can be read, it polls.
 *
 * Ends only by throwing the reason of `signal` (or a bug).
 */
export async function watchObject(
  api: ApiClient,
  target: NamedObject,
  listener: ObjectListener,
  signal: AbortSignal,
  { timing = defaultTiming, first }: WatchOptions = {},
): Promise<never> {
  let sent = first;
  let failures = 0;
  let polls = 0;
  for (;;) {
    let pauseMs: number;
    try {
      const answer = sent ?? readObject(api, target, polls === 0 ? "list" : "get", signal);
      sent = undefined;
      const { object, resourceVersion } = await answer;
      listener.observed(object);
      const end: WatchEnd =
        polls > 0 || resourceVersion === undefined ? { kind: "forbidden" } : await follow(resourceVersion);
      if (end.kind === "forbidden") {
        polls = (polls + 1) % pollsBeforeWatching;
        failures = 0;
        pauseMs = jittered(timing.pollMs);
      } else {
        failures = end.kind === "healthy" ? 0 : failures + 1;
        pauseMs = backoffMs(failures, end.retryAfterMs);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      listener.troubled(error);
      failures += 1;
      pauseMs = backoffMs(failures, error.retryAfterMs);
    }
    await sleep(pauseMs, undefined, { signal });
  }

  /** Watches until the end of the watch, whatever ends it: the list that follows tells whether the API is in trouble. */
  async function follow(resourceVersion: string): Promise<WatchEnd> {
    const startedMs = performance.now();
    const timeoutSeconds = String(Math.ceil(jittered(timing.watchMs) / 1000));
    const request = listRequest(target, {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion,
      timeoutSeconds,
    });
    const limits = { silenceMs: timing.silenceMs, totalMs: Number(timeoutSeconds) * 1000 + 15_000 };
    try {
      for await (const event of api.stream(request, limits, signal)) tell(event);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 403) return { kind: "forbidden" };
      if (error.status !== undefined) return { kind: "short", retryAfterMs: error.retryAfterMs };
    }
    return { kind: performance.now() - startedMs >= timing.healthyMs ? "healthy" : "short" };
  }

  function tell(event: unknown): void {
    if (!isRecord(event)) throw unexpectedAnswer();
    const { type, object } = event;
    if (type === "BOOKMARK") return;
    if (type === "ERROR")
      throw statusError(Number(isRecord(object) && object["code"]), JSON.stringify(object), undefined);
    if (!isNamed(object, target)) throw unexpectedAnswer();
    listener.observed(type === "DELETED" ? undefined : object);
  }
}

interface WatchEnd {
  readonly kind: "healthy" | "short" | "forbidden";
  readonly retryAfterMs?: number | undefined;
}

/** Spreads by ±10 %, so that waiters that began together do not go on together. */
function jittered(milliseconds: number): number {
  return milliseconds * (0.9 + Math.random() * 0.2);
}
