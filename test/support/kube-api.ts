import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { answerRequest, failure } from "./kube-api-answers.ts";
import { type Certificate, createCertificate } from "./kube-api-certificate.ts";
import { parseRequest, type SeenRequest, type Verb } from "./kube-api-request.ts";
import { KubeApiStore, type Resource } from "./kube-api-store.ts";

export type { SeenRequest, Verb } from "./kube-api-request.ts";

/** What goes wrong with one request instead of its answer. */
export type Fault =
  | { readonly kind: "reset" }
  | { readonly kind: "silence" }
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: number }
  /** Answers 200 with these bytes, then ends, resets or goes silent. */
  | {
      readonly kind: "bytes";
      readonly chunks: readonly (string | Buffer)[];
      readonly afterwards: "end" | "reset" | "silence";
    };

interface PlannedFault {
  readonly verbs: readonly Verb[];
  readonly resource: SeenRequest["resource"] | undefined;
  readonly fault: Fault;
  times: number;
}

/** A small API server: ConfigMaps, Jobs and Pods of one namespace, RBAC by verb, and faults on order. */
export interface KubeApi extends AsyncDisposable {
  readonly namespace: string;
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly store: KubeApiStore;
  readonly requests: readonly SeenRequest[];
  /** Tokens that are accepted. */
  readonly tokens: Set<string>;
  /** `verb resource` pairs that are refused with 403. */
  readonly denied: Set<`${Verb} ${SeenRequest["resource"]}`>;
  /** What a finalizer does: a deleted object stays, and only has a `deletionTimestamp`. */
  holdsDeletions: boolean;
  fail(fault: Fault, on: { verbs: readonly Verb[]; resource?: SeenRequest["resource"]; times?: number }): void;
  stopFailing(): void;
  /** Cuts every connection, as a restart does. */
  cutConnections(): void;
  readonly openWatches: number;
  /** How many connections were ever made. */
  readonly connections: number;
}

export async function startKubeApi({ host = "127.0.0.1", namespace = "blog" } = {}): Promise<KubeApi> {
  const certificate: Certificate = createCertificate();
  const store = new KubeApiStore();
  const requests: SeenRequest[] = [];
  const tokens = new Set(["first-token"]);
  const denied = new Set<`${Verb} ${SeenRequest["resource"]}`>();
  let faults: PlannedFault[] = [];
  const sockets = new Set<Socket>();
  let openWatches = 0;
  let connections = 0;
  let holdsDeletions = false;

  const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = parseRequest(request, namespace);
    if (!seen) return sendStatus(response, 404, "the server could not find the requested resource");
    requests.push(seen);
    const planned = faults.find((one) => one.times > 0 && one.verbs.includes(seen.verb) && fits(one, seen));
    if (planned) {
      planned.times -= 1;
      return fail(response, planned.fault);
    }
    if (!tokens.has(seen.token)) return sendStatus(response, 401, "Unauthorized");
    const { verb, resource, name } = seen;
    if (denied.has(`${verb} ${resource}`)) {
      return sendStatus(
        response,
        403,
        `${resource} "${name}" is forbidden: User cannot ${verb} resource "${resource}"`,
      );
    }
    if (verb === "watch") return watch(response, seen);
    const body = await text(request);
    const isApply = request.headers["content-type"] === "application/apply-patch+yaml";
    const content = body === "" ? {} : JSON.parse(body);
    const { status, answer } = answerRequest(store, seen, { content, isApply }, { denied, holdsDeletions });
    sendJson(response, status, answer);
  }

  function watch(response: ServerResponse, { resource, name, query }: SeenRequest): void {
    const write = (event: object) => response.write(`${JSON.stringify(event)}\n`);
    const since = Number(query.get("resourceVersion"));
    const stop = store.follow(resource as Resource, name, since, ({ type, object }) => write({ type, object }));
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    if (!stop) {
      write({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired", message: "too old" } });
      response.end();
      return;
    }
    openWatches += 1;
    const timer = setTimeout(() => response.end(), Number(query.get("timeoutSeconds")) * 1000);
    response.on("close", () => {
      openWatches -= 1;
      clearTimeout(timer);
      stop();
    });
  }

  return {
    namespace,
    host,
    port: (server.address() as AddressInfo).port,
    ca: certificate.cert,
    store,
    requests,
    tokens,
    denied,
    fail(fault, { verbs, resource, times = Number.POSITIVE_INFINITY }) {
      faults.push({ fault, verbs, resource, times });
    },
    stopFailing() {
      faults = [];
    },
    cutConnections() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    get holdsDeletions() {
      return holdsDeletions;
    },
    set holdsDeletions(holds) {
      holdsDeletions = holds;
    },
    get openWatches() {
      return openWatches;
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function fits({ resource }: PlannedFault, seen: SeenRequest): boolean {
  return resource === undefined || resource === seen.resource;
}

function fail(response: ServerResponse, fault: Fault): void {
  switch (fault.kind) {
    case "reset":
      response.socket?.destroy();
      return;
    case "silence":
      return;
    case "status":
      if (fault.retryAfter !== undefined) response.setHeader("retry-after", String(fault.retryAfter));
      sendStatus(response, fault.status, `fault ${fault.status}`);
      return;
    case "bytes":
      response.writeHead(200, { "content-type": "application/json" });
      sendChunks(response, [...fault.chunks], fault.afterwards);
  }
}

/** Sends each chunk in a packet of its own. */
function sendChunks(
  response: ServerResponse,
  [chunk, ...rest]: (string | Buffer)[],
  afterwards: "end" | "reset" | "silence",
) {
  if (chunk !== undefined) response.write(chunk, () => setTimeout(() => sendChunks(response, rest, afterwards), 5));
  else if (afterwards === "end") response.end();
  else if (afterwards === "reset") response.socket?.destroy();
}

function sendStatus(response: ServerResponse, code: number, message: string): void {
  sendJson(response, code, failure(code, message));
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
