import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient, ApiRequest } from "../../packages/waiter/src/api/api-client.ts";

/** What a scripted API says to one request: an answer, or an error that is thrown. */
export type Answer = (request: ApiRequest) => unknown;

/** What it sends in one watch: events, each after a pause, and how long it stays open after the last. */
export interface WatchScript {
  readonly events: readonly { readonly afterMs: number; readonly event: unknown }[];
  readonly openMs: number;
}

export interface ScriptedApi extends ApiClient {
  /** Paths with queries, in order. */
  readonly requests: readonly string[];
  readonly openStreams: number;
}

/**
 * An `ApiClient` without a network, for what a real server cannot be brought to say, and for time that does not pass:
 * it keeps only timers that a fake clock moves.
 */
export function scriptedApi(answer: Answer, watch: (request: ApiRequest) => WatchScript): ScriptedApi {
  const requests: string[] = [];
  let openStreams = 0;
  const note = ({ path, query }: ApiRequest) => requests.push(`${path}?${new URLSearchParams(query)}`);
  const respond = async (request: ApiRequest, signal: AbortSignal) => {
    signal.throwIfAborted();
    note(request);
    await delay(1, undefined, { signal });
    return await answer(request);
  };
  return {
    requests,
    request: respond,
    requestWithDate: async (request, signal) => ({ answer: await respond(request, signal), date: undefined }),
    get openStreams() {
      return openStreams;
    },
    async *stream(request, _limits, signal) {
      note(request);
      openStreams += 1;
      try {
        const { events, openMs } = watch(request);
        for (const { afterMs, event } of events) {
          await delay(afterMs, undefined, { signal });
          yield event;
        }
        await delay(openMs, undefined, { signal });
      } finally {
        openStreams -= 1;
      }
    },
    close: () => undefined,
  };
}
