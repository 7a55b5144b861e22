import { once } from "node:events";
import { createServer, type Server, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { ClientMessages } from "./client-messages.ts";
import type { TestDatabase } from "./postgres.ts";

/** What happens to a proxy's first connection when its client has sent the nth message. */
export interface Fault {
  /** From 1; the start-up packet is the first message. */
  readonly message: number;
  /** How much of that message still reaches the server. */
  readonly forwarded: "nothing" | "half" | "all";
  /** What both ends notice of it: `cut`, or with `silence` nothing at all. */
  readonly effect: "cut" | "silence";
  /** For how long after a cut the server still believes to have a client. */
  readonly serverStaysMs?: number;
}

export interface FaultProxy {
  /** The database's URL through the proxy. */
  readonly url: string;
  /** The messages that the client of the first connection has sent so far. */
  readonly messages: number;
  /** True once the fault has happened. */
  readonly struck: boolean;
  close(): Promise<void>;
}

/** Starts a proxy between a client and its database, which harms the first connection and no other; ended with the test. */
export async function startFaultProxy(database: TestDatabase, fault?: Fault): Promise<FaultProxy> {
  const target = new URL(database.url);
  const sockets = new Set<Socket>();
  const state = { connections: 0, messages: 0, struck: false };
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = new Socket().setNoDelay().connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // A reset tells no more than the end that follows it.
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    upstream.on("close", () => client.destroy());
    state.connections++;
    if (state.connections === 1) carryFirst(client, upstream, state, fault);
    else pass(client, upstream);
  });
  const port = await listen(server);
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  onTestFinished(close);
  return {
    url: Object.assign(new URL(database.url), { port: String(port) }).href,
    get messages() {
      return state.messages;
    },
    get struck() {
      return state.struck;
    },
    close,
  };
}

function pass(client: Socket, upstream: Socket): void {
  client.pipe(upstream).pipe(client);
  client.on("close", () => upstream.destroy());
}

function carryFirst(
  client: Socket,
  upstream: Socket,
  state: { messages: number; struck: boolean },
  fault: Fault | undefined,
): void {
  const messages = new ClientMessages();
  client.on("data", (chunk) => {
    for (const message of messages.push(chunk)) {
      if (state.struck) return;
      state.messages++;
      if (state.messages !== fault?.message) {
        upstream.write(message);
        continue;
      }
      state.struck = true;
      strike(client, upstream, message, fault);
    }
  });
  client.on("close", () => {
    if (!state.struck) upstream.end();
  });
  upstream.on("data", (chunk) => {
    if (!state.struck) client.write(chunk);
  });
}

/** The server gets its part of the message and, unless it is left waiting, the end of the stream behind it. */
function strike(client: Socket, upstream: Socket, message: Buffer, fault: Fault): void {
  const { forwarded, effect, serverStaysMs = 0 } = fault;
  const length = { nothing: 0, half: Math.floor(message.length / 2), all: message.length }[forwarded];
  upstream.write(message.subarray(0, length));
  if (effect === "silence") return;
  client.destroy();
  if (serverStaysMs === 0) upstream.end();
  else setTimeout(() => upstream.destroy(), serverStaysMs);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}
