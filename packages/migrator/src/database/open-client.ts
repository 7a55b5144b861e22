import type { Socket } from "node:net";
import pg from "pg";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import type { Encryption } from "../connection/tls-settings.ts";
import { UsageError } from "../errors.ts";
import { EncryptionError, openStream } from "./open-stream.ts";

export interface OpenClient {
  readonly client: pg.Client;
  /** What the client speaks over, for those who cannot wait for its end. */
  readonly socket: Socket;
}

/**
 * Opens a client in the first way that `sslmode` allows and the server accepts.
 *
 * `prepare` sees the client before it says anything.
 *
 * @throws pg.DatabaseError, EncryptionError, UsageError where a password is missing, the socket's error, or the reason of the signal
 */
export async function openClient(
  target: ConnectionTarget,
  signal: AbortSignal,
  prepare: (client: pg.Client) => void = () => undefined,
): Promise<OpenClient> {
  let refusal: unknown;
  for (const encryption of target.tls.attempts) {
    try {
      return await open(target, encryption, signal, prepare);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Of two refusals the first is of what was wanted more.
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Whether another encryption may be accepted: 28000 is what pg_hba.conf says to the wrong one. */
function isRefusal(error: unknown): boolean {
  return error instanceof EncryptionError || (error instanceof pg.DatabaseError && error.code === "28000");
}

async function open(
  target: ConnectionTarget,
  encryption: Encryption,
  signal: AbortSignal,
  prepare: (client: pg.Client) => void,
): Promise<OpenClient> {
  const tooLate = new AbortController();
  const timer = setTimeout(() => tooLate.abort(new Error(`no answer within ${target.timeoutMs} ms`)), target.timeoutMs);
  const either = AbortSignal.any([signal, tooLate.signal]);
  try {
    return await talk(target, await openStream(target, encryption, either), either, prepare);
  } finally {
    clearTimeout(timer);
  }
}

async function talk(
  target: ConnectionTarget,
  socket: Socket,
  signal: AbortSignal,
  prepare: (client: pg.Client) => void,
): Promise<OpenClient> {
  const client = new pg.Client({
    host: target.host,
    port: target.port,
    user: target.user,
    database: target.database,
    password: () => passwordOf(target),
    application_name: target.applicationName,
    enableChannelBinding: target.bindsChannel,
    // The stream is encrypted by now, or never will be; without these two, pg looks into the environment.
    ssl: false,
    sslnegotiation: "postgres",
    stream: () => asUnconnected(socket),
    query_timeout: target.answerWithinMs,
  });
  client.on("error", () => undefined);
  if (target.bindsChannel) insistOnChannelBinding(client, socket);
  prepare(client);
  const onAbort = () => socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    await client.connect();
    return { client, socket };
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function passwordOf({ password, user }: ConnectionTarget): string {
  if (password !== undefined) return password;
  throw new UsageError(
    `the server asks for a password of ${user}, and there is none: put it into the URL, or set PGPASSWORD, PGPASSWORD_FILE or PGPASSFILE`,
  );
}

/** pg wants to connect its stream by itself: this one says at once that it is. */
function asUnconnected(socket: Socket): Socket {
  return Object.assign(socket, {
    connect: () => {
      process.nextTick(() => socket.emit("connect"));
      return socket;
    },
  });
}

/** pg binds where the server offers it, and would answer a server that does not. */
function insistOnChannelBinding(client: pg.Client, socket: Socket): void {
  let bound = false;
  const refuse = () =>
    socket.destroy(
      new EncryptionError("the server does not offer channel binding, which channel_binding=require asks for"),
    );
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  connection.on("authenticationSASL", ({ mechanisms }: { mechanisms: readonly string[] }) => {
    bound = mechanisms.includes("SCRAM-SHA-256-PLUS");
    if (!bound) refuse();
  });
  connection.on("authenticationCleartextPassword", refuse);
  connection.on("authenticationMD5Password", refuse);
  connection.on("authenticationOk", () => {
    if (!bound) refuse();
  });
}
