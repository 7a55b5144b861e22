import { once } from "node:events";
import { createServer, type Server, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { ClientMessages } from "./client-messages.ts";

/** What happens to a connection when its client has sent a certain message. */
export interface Fault {
  /** Its number, where the start-up packet is 1; or the first one whose body, behind type and length, fits. */
  readonly message: number | RegExp;
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
  /** How many messages the client has sent on each connection so far, in the order of the connections. */
  readonly messages: readonly number[];
  /** How many faults have happened. */
  readonly strikes: number;
  close(): void;
}

/**
 * Starts a proxy between a client and the server or pooler of a URL: the first fault is for the first connection, the
 * second for the second, and all others are left alone. Ended with the test.
 */
export async function startFaultProxy(url: string, faults: readonly Fault[] = []): Promise<FaultProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const connections: Connection[] = [];
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = new Socket().setNoDelay().connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // A reset tells no more than the end that follows it.
      socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    }
    upstream.on("close", () => client.destroy());
    const connection = { fault: faults[connections.length], messages: 0, struck: false };
    connections.push(connection);
    carry(client, upstream, connection);
  });
  const port = await listen(server);
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  onTestFinished(close);
  return {
    url: Object.assign(new URL(url), { port: String(port) }).href,
    get messages() {
      return connections.map(({ messages }) => messages);
    },
    get strikes() {
      return connections.filter(({ struck }) => struck).length;
    },
    close,
  };
}

interface Connection {
  readonly fault: Fault | undefined;
  messages: number;
  struck: boolean;
}

function carry(client: Socket, upstream: Socket, connection: Connection): void {
  const { fault } = connection;
  const messages = new ClientMessages();
  client.on("data", (chunk) => {
    for (const message of messages.push(chunk)) {
      if (connection.struck) return;
      connection.messages++;
      if (fault && isMeant(fault.message, connection.messages, message)) {
        connection.struck = true;
        strike(client, upstream, message, fault);
      } else {
        upstream.write(message);
      }
    }
  });
  client.on("close", () => {
    if (!connection.struck) upstream.end();
  });
  upstream.on("data", (chunk) => {
    if (!connection.struck) client.write(chunk);
  });
}

function isMeant(wanted: number | RegExp, number: number, message: Buffer): boolean {
  return typeof wanted === "number" ? number === wanted : wanted.test(message.toString("utf8", 5));
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
