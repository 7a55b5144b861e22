import { hostname } from "node:os";
import { UsageError } from "../errors.ts";
import { type Environment, gatherParameters, type Keyword } from "./parameters.ts";
import { passwordFromFile } from "./password-file.ts";
import { type TlsSettings, tlsSettings } from "./tls-settings.ts";

/** Where and as whom to connect, and how. */
export interface ConnectionTarget {
  /** A name or an address; with a `/` at its beginning, the directory of a server's Unix sockets. */
  readonly host: string;
  /** Where the name leads, if that is known without asking. */
  readonly address?: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  readonly applicationName: string;
  readonly timeoutMs: number;
  /** Limits each query; without it a query takes as long as it takes. */
  readonly answerWithinMs?: number;
  readonly tls: TlsSettings;
  /** Whether the password's exchange must be bound to the server's certificate. */
  readonly bindsChannel: boolean;
}

/**
 * Reads the connection's settings: `DATABASE_URL`, `DATABASE_URL_FILE` or libpq's `PG*` variables; never a flag. Called for
 * every connection, because a mounted Secret may have been rotated.
 *
 * @throws UsageError which never quotes a URL or a password; SettingsFileError where a file cannot be used
 */
export function connectionTarget(env: Environment): ConnectionTarget {
  const parameters = gatherParameters(env);
  const { host = parameters.hostaddr ?? "localhost", hostaddr: address, user } = parameters;
  if ([host, address, parameters.port].some((value) => value?.includes(","))) {
    throw new UsageError(
      "several hosts are not supported: connect to one address that follows the primary, as a Service does; a standby is waited for",
    );
  }
  if (user === undefined) throw new UsageError("no user to connect as: put it into the URL, or set PGUSER");
  const port = portNumber(parameters.port ?? "5432");
  const database = parameters.dbname ?? user;
  const home = env["HOME"] || undefined;
  const password = parameters.password ?? passwordFromFile(parameters.passfile, home, { host, port, database, user });
  checkSessionAttributes(parameters.target_session_attrs ?? "any");
  const usesSocket = host.startsWith("/") && address === undefined;
  const tls = tlsSettings(usesSocket ? { sslmode: "disable" } : parameters, home);
  return {
    host,
    ...(address !== undefined && { address }),
    port,
    user,
    database,
    ...(password !== undefined && { password }),
    applicationName: parameters.application_name ?? `migration-gate ${hostname()}`.slice(0, 63),
    timeoutMs: timeoutMs(parameters.connect_timeout),
    tls,
    bindsChannel: bindsChannel(parameters, tls),
  };
}

/** Names the server for logs: never the user or the password. */
export function describeServer({ host, port, database }: ConnectionTarget): string {
  return `${host}:${port}/${database}`;
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new UsageError("the port is not a number from 1 to 65535");
  return port;
}

/** As libpq, in seconds and at least 2; what would be for ever there is the default here. */
function timeoutMs(text = "10"): number {
  const seconds = /^\s*[-+]?\d{1,6}\s*$/.test(text) ? Number(text) : undefined;
  if (seconds === undefined)
    throw new UsageError("connect_timeout (PGCONNECT_TIMEOUT) is not a number of seconds, of at most six digits");
  return (seconds <= 0 ? 10 : Math.max(2, seconds)) * 1000;
}

/** A server that cannot be written to is waited for anyway; a standby is never what a migration wants. */
function checkSessionAttributes(wanted: string): void {
  if (wanted === "any" || wanted === "read-write" || wanted === "primary") return;
  throw new UsageError("target_session_attrs: migrations need a primary (any, read-write or primary)");
}

function bindsChannel({ channel_binding: wanted = "prefer" }: Partial<Record<Keyword, string>>, tls: TlsSettings) {
  if (wanted !== "require") return false;
  if (tls.attempts.every((encryption) => encryption === "required")) return true;
  throw new UsageError("channel_binding=require needs sslmode=require, verify-ca or verify-full");
}
