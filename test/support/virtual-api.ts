import { setTimeout as delay } from "node:timers/promises";
import type { ApiClient, ApiRequest } from "../../packages/waiter/src/api/api-client.ts";
import { ApiError } from "../../packages/waiter/src/api/api-error.ts";
import { answerRequest } from "./kube-api-answers.ts";
import { parseRequest, type SeenRequest } from "./kube-api-request.ts";
import { KubeApiStore, type Resource } from "./kube-api-store.ts";

/** An API server of one namespace without a network: its answers take time that a fake clock moves, 5 ms each. */
export interface VirtualApi {
  readonly store: KubeApiStore;
  readonly requests: readonly SeenRequest[];
  readonly openWatches: number;
  /** While this is set, every request and watch ends as if the server were away. */
  isAway: boolean;
  connect(): ApiClient;
}

export function virtualApi(namespace = "blog"): VirtualApi {
  const store = new KubeApiStore();
  const requests: SeenRequest[] = [];
  const leave = new Set<() => void>();
  let isAway = false;

  async function arrive(request: ApiRequest, signal: AbortSignal): Promise<SeenRequest> {
    const { method, path, query = {} } = request;
    const seen = parseRequest(
      { url: `${path}?${new URLSearchParams(query)}`, headers: {}, ...(method && { method }) },
      namespace,
    );
    if (!seen) throw new Error(`nobody answers to ${path}`);
    requests.push(seen);
    await delay(5, undefined, { signal });
    if (isAway) throw new ApiError("connection refused", { code: "ECONNREFUSED" });
    return seen;
  }

  async function respond(request: ApiRequest, signal: AbortSignal): Promise<unknown> {
    const seen = await arrive(request, signal);
    const state = { denied: new Set<string>(), holdsDeletions: false };
    const { status, answer } = answerRequest(store, seen, { content: request.body, isApply: false }, state);
    if (status >= 400) throw new ApiError(`answered ${status}`, { status });
    return answer;
  }

  async function* stream(request: ApiRequest, _limits: unknown, signal: AbortSignal): AsyncGenerator<unknown, void> {
    const { resource, name, query } = await arrive(request, signal);
    const events: unknown[] = [];
    let wake = () => {};
    const timeoutMs = Number(query.get("timeoutSeconds")) * 1000;
    const since = Number(query.get("resourceVersion"));
    const stop = store.follow(resource as Resource, name, since, ({ type, object }) => {
      events.push({ type, object });
      wake();
    });
    let isOver = false;
    const end = () => {
      isOver = true;
      wake();
    };
    const timer = setTimeout(end, timeoutMs);
    leave.add(end);
    signal.addEventListener("abort", end);
    try {
      while (!isOver) {
        yield* events.splice(0);
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        if (events.length === 0 && !isOver) await promise;
      }
      signal.throwIfAborted();
    } finally {
      stop?.();
      clearTimeout(timer);
      leave.delete(end);
      signal.removeEventListener("abort", end);
    }
  }

  return {
    store,
    requests,
    get openWatches() {
      return leave.size;
    },
    get isAway() {
      return isAway;
    },
    set isAway(away) {
      isAway = away;
      if (away) for (const end of leave) end();
    },
    connect: () => ({
      request: respond,
      requestWithDate: async (request, signal) => ({ answer: await respond(request, signal), date: undefined }),
      stream,
      close: () => undefined,
    }),
  };
}
