import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type pg from "pg";
import { parse } from "pg-connection-string";
import { UsageError } from "./errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads where and as whom to connect, from `DATABASE_URL`, `DATABASE_URL_FILE` or libpq's `PG*` variables; never from a
 * flag. Called for every connection, because a mounted Secret may have been rotated.
 *
 * `sslmode` means what it means to libpq: `require` encrypts without asking who answers, `verify-full` asks.
 *
 * @throws UsageError which never quotes the URL
 */
export function connectionConfig(env: Environment): pg.ClientConfig {
  const url = connectionUrl(env);
  const defaults = {
    application_name: env["PGAPPNAME"] || `migration-gate ${hostname()}`.slice(0, 63),
    connectionTimeoutMillis: Number(env["PGCONNECT_TIMEOUT"] || 10) * 1000,
  };
  if (url === undefined) return { ...defaults, ...sslFromEnvironment(env) };
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw new UsageError(`${urlSource(env)} is not a URL like postgres://user:password@host:port/database`);
  }
  try {
    // pg would parse the URL itself, but with its own meaning of sslmode.
    const { sslmode: _mode, ...config } = parse(url, { useLibpqCompat: !/[?&]uselibpqcompat=/.test(url) });
    const given = Object.entries(config).filter(([, value]) => value !== "" && value !== null && value !== undefined);
    return { ...defaults, ...Object.fromEntries(given), ...(config.ssl === undefined && sslFromEnvironment(env)) };
  } catch (error) {
    // Of a malformed URL it says "Invalid URL" and no more.
    throw new UsageError(`${urlSource(env)}: ${(error as Error).message}`);
  }
}

/** Names the server for logs: host, port and database, never the password. */
export function describeServer(config: pg.ClientConfig, env: Environment): string {
  const host = config.host ?? env["PGHOST"] ?? "localhost";
  const port = config.port ?? env["PGPORT"] ?? 5432;
  const database = config.database ?? env["PGDATABASE"] ?? config.user ?? env["PGUSER"] ?? "";
  return `${host}:${port}/${database}`;
}

function connectionUrl(env: Environment): string | undefined {
  const { DATABASE_URL: url, DATABASE_URL_FILE: file, PGHOST: host } = env;
  if (url && file) throw new UsageError("both DATABASE_URL and DATABASE_URL_FILE are set: set one of them");
  if (!url && !file && !host) {
    throw new UsageError(
      "no database to connect to: set DATABASE_URL, DATABASE_URL_FILE or PGHOST and the other PG* variables",
    );
  }
  if (!file) return url?.trim() || undefined;
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UsageError(`DATABASE_URL_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function urlSource(env: Environment): string {
  return env["DATABASE_URL"] ? "DATABASE_URL" : "the content of DATABASE_URL_FILE";
}

function sslFromEnvironment(env: Environment): Pick<pg.ClientConfig, "ssl"> {
  const mode = env["PGSSLMODE"];
  if (!mode || mode === "disable" || mode === "allow" || mode === "prefer") return { ssl: false };
  const rootCertificate = env["PGSSLROOTCERT"];
  const ca = rootCertificate && rootCertificate !== "system" ? readFileSync(rootCertificate, "utf8") : undefined;
  const verifies = mode === "verify-full" || mode === "verify-ca" || ca !== undefined;
  return {
    ssl: {
      rejectUnauthorized: verifies,
      ...(ca !== undefined && { ca }),
      ...(mode !== "verify-full" && { checkServerIdentity: () => undefined }),
      ...(env["PGSSLCERT"] && { cert: readFileSync(env["PGSSLCERT"], "utf8") }),
      ...(env["PGSSLKEY"] && { key: readFileSync(env["PGSSLKEY"], "utf8") }),
    },
  };
}
