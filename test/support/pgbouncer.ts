import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { beforeAll, onTestFinished } from "vitest";
import { provideCommand } from "../../tools/environment/debian-package.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { unprivileged } from "./postgres-process.ts";
import type { TestDatabase } from "./test-database.ts";

export interface PgBouncerOptions {
  readonly mode: "session" | "transaction";
  /** Connections to the server for each pair of user and database. */
  readonly poolSize?: number;
  /** What the pooler runs before it gives a backend of session mode to another client. */
  readonly resetQuery?: string;
  /** Seconds that a backend is used for; after 0 each transaction meets another one. */
  readonly serverLifetime?: number;
}

// An installation takes longer than a test may.
let binary: string;
beforeAll(async () => {
  binary = await provideCommand({ command: "pgbouncer", package: "pgbouncer" });
}, 900_000);

/** Starts Debian's PgBouncer between a test and its database, and returns the URL through it; ended with the test. */
export async function startPgBouncer(
  database: TestDatabase,
  { mode, poolSize = 20, resetQuery = "DISCARD ALL", serverLifetime = 3600 }: PgBouncerOptions,
): Promise<{ readonly url: string }> {
  const directory = mkdtempSync(join(tmpdir(), "migration-gate-pgbouncer-"));
  const target = new URL(database.url);
  const port = await freePort();
  const configuration = join(directory, "pgbouncer.ini");
  writeFileSync(
    configuration,
    [
      "[databases]",
      `* = host=${target.hostname} port=${target.port}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = plain",
      `auth_file = ${join(directory, "users")}`,
      `pool_mode = ${mode}`,
      `default_pool_size = ${poolSize}`,
      `server_reset_query = ${resetQuery}`,
      `server_lifetime = ${serverLifetime}`,
      "max_client_conn = 200",
      "",
    ].join("\n"),
  );
  writeFileSync(join(directory, "users"), `"${target.username}" "${target.password}"\n`);
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(directory, uid, gid);
  const child = spawn(binary, [configuration], { ...unprivileged(), stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  onTestFinished(async () => {
    await end(child);
    rmSync(directory, { recursive: true, force: true });
  });
  const url = Object.assign(new URL(database.url), { port: String(port) }).href;
  await eventually("PgBouncer answers", async () => {
    if (child.exitCode !== null) throw new Error(`PgBouncer has ended:\n${log}`);
    return await answers(url);
  });
  return { url };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
