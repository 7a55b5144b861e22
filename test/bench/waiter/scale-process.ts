// Many waiters, or polls, in one process that scale.ts starts: each with connections of its own, as pods have them.
import { setTimeout as sleep } from "node:timers/promises";
import { type ApiClient, openApiClient } from "../../../packages/waiter/src/api/api-client.ts";
import { ApiError } from "../../../packages/waiter/src/api/api-error.ts";
import { podTransport } from "../../../packages/waiter/src/api/api-transport.ts";
import { getObject } from "../../../packages/waiter/src/api/named-object.ts";
import { firstLook } from "../../../packages/waiter/src/wait/first-look.ts";
import { waitUntilOpen } from "../../../packages/waiter/src/wait/wait.ts";
import { silentLog } from "../../support/silent-log.ts";
import type { ApiAccess } from "./bench.ts";
import type { Target } from "./contestants.ts";

export interface CrowdOrder {
  readonly kind: "watch" | "poll";
  readonly size: number;
  readonly access: ApiAccess;
  readonly namespace: string;
  readonly target: Target;
}

export interface CrowdCounts {
  readonly requests: number;
  readonly refused: number;
  readonly failed: number;
}

const pollMs = 2_000;
const aDay = 86_400_000;
const never = new AbortController().signal;
const counts = { requests: 0, refused: 0, failed: 0 };

process.once("message", (order) => {
  process.on("message", () => process.send?.(counts));
  void start(order as CrowdOrder).then(() => process.send?.("settled"));
});

/** Resolves once everyone has begun. */
async function start(order: CrowdOrder): Promise<void> {
  const begin = order.kind === "watch" ? beginWatch : beginPoll;
  const begun: Promise<void>[] = [];
  for (let index = 0; index < order.size; index++) {
    begun.push(begin(order));
    // Pods do not start in the same millisecond either.
    await sleep(2);
  }
  await Promise.all(begun);
}

/** What `waiter wait` does; begun when both of its watches are. */
function beginWatch({ access, namespace, target }: CrowdOrder): Promise<void> {
  const watching = Promise.withResolvers<void>();
  let watches = 0;
  const api = counted(openClient(access), () => {
    watches++;
    if (watches === 2) watching.resolve();
  });
  const now = () => performance.now();
  const looks = firstLook(api, [target], namespace, now, never);
  const settings = { timeoutMs: aDay, hintAfterMs: aDay };
  const ports = { api, log: silentLog, owner: { account: undefined, pod: undefined }, now };
  waitUntilOpen(settings, looks, ports, never).catch(watching.reject);
  return watching.promise;
}

/** What a loop around a client program does: a new connection and one read every time. */
async function beginPoll({ access, namespace, target }: CrowdOrder): Promise<void> {
  const poll = async () => {
    const client = openClient(access);
    try {
      await getObject(counted(client), { namespace, resource: "jobs", name: target.job }, never);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    } finally {
      client.close();
    }
  };
  await sleep(Math.random() * pollMs);
  void (async () => {
    for (;;) {
      await poll();
      await sleep(pollMs);
    }
  })();
}

function openClient({ address, ca, token }: ApiAccess): ApiClient {
  return openApiClient(podTransport(address, () => ({ token, ca })));
}

/** Counts requests, 429 and other failures; a Job that is not there is none. */
function counted(api: ApiClient, watching: () => void = () => {}): ApiClient {
  const note = (error: unknown) => {
    if (!(error instanceof ApiError) || error.status === 404) return;
    if (error.status === 429) counts.refused++;
    else counts.failed++;
  };
  return {
    ...api,
    request: async (...args) => {
      counts.requests++;
      return await api.request(...args).catch((error: unknown) => {
        note(error);
        throw error;
      });
    },
    async *stream(...args) {
      counts.requests++;
      watching();
      try {
        yield* api.stream(...args);
      } catch (error) {
        note(error);
        throw error;
      }
    },
  };
}
