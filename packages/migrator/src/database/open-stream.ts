import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import type { Encryption } from "../connection/tls-settings.ts";

/** The server cannot be spoken to in the way that `sslmode` asks for. */
export class EncryptionError extends Error {
  override readonly name = "EncryptionError";
}

/** https://www.postgresql.org/docs/18/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST */
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Opens a stream to the server, as far as its first message of PostgreSQL's protocol.
 *
 * @throws EncryptionError, the socket's error, or the reason of the signal
 */
export async function openStream(
  target: ConnectionTarget,
  encryption: Encryption,
  signal: AbortSignal,
): Promise<Socket> {
  const { host, address = host, port } = target;
  const where = address.startsWith("/") ? { path: `${address}/.s.PGSQL.${port}` } : { host: address, port };
  const socket = connect({ ...where, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
  // Whoever waits hears of it as well; between two waits nobody would.
  socket.on("error", () => undefined);
  try {
    await next(socket, "connect", signal);
    if (encryption === "none") return socket;
    if (!target.tls.direct && !(await isOffered(socket, signal))) {
      if (encryption === "if-offered") return socket;
      throw new EncryptionError("the server does not speak TLS: turn it on there, or ask for less (sslmode=prefer)");
    }
    return await encrypt(socket, target, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function isOffered(socket: Socket, signal: AbortSignal): Promise<boolean> {
  socket.write(sslRequest);
  const [answer] = (await next(socket, "data", signal)) as [Buffer];
  // More than the one byte would be text that somebody has put before the encrypted one.
  if (answer.length === 1 && answer[0] === 0x53) return true;
  if (answer.length === 1 && answer[0] === 0x4e) return false;
  throw new EncryptionError("what answers there is no PostgreSQL server, or somebody stands between");
}

async function encrypt(socket: Socket, { host, tls: { options } }: ConnectionTarget, signal: AbortSignal) {
  // Loading it takes as long as connecting does, and most connections inside a cluster do without.
  const tls = await import("node:tls");
  const secure = tls.connect({ ...options, socket, host, ...(isIP(host) === 0 && { servername: host }) });
  secure.on("error", () => undefined);
  try {
    await next(secure, "secureConnect", signal);
    return secure;
  } catch (error) {
    signal.throwIfAborted();
    throw new EncryptionError(describeTlsError(error as NodeJS.ErrnoException), { cause: error });
  }
}

/** The next event of this name; an error, the end of the stream and an abort reject. */
async function next(socket: Socket, event: string, signal: AbortSignal): Promise<unknown[]> {
  const ended = new AbortController();
  const onClose = () => ended.abort(new Error("the server closed the connection before it was made"));
  socket.once("close", onClose);
  const either = AbortSignal.any([signal, ended.signal]);
  try {
    return await once(socket, event, { signal: either });
  } catch (error) {
    throw either.aborted ? either.reason : error;
  } finally {
    socket.off("close", onClose);
  }
}

function describeTlsError(error: NodeJS.ErrnoException): string {
  const advice = adviceOf[error.code ?? ""];
  return advice === undefined ? `TLS: ${error.message}` : `TLS: ${error.message}: ${advice}`;
}

const unknownIssuer = "name its issuer's certificate in PGSSLROOTCERT (sslrootcert)";
const renewal = "renew the server's certificate";

/** What to do next; the codes are OpenSSL's and Node's. */
const adviceOf: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: renewal,
  CERT_NOT_YET_VALID: "look at the clocks of both sides",
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownIssuer,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "connect by a name that is in the certificate, or check its issuer alone (sslmode=verify-ca)",
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
};
