import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import type pg from "pg";
import { PostgresProcess, superuserUrl } from "../support/postgres-process.ts";
import { query } from "../support/query.ts";

/** As on a server that keeps its promises, without what works in the background at moments of its own. */
export const serverSettings: Readonly<Record<string, string>> = {
  shared_buffers: "512MB",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  max_wal_size: "4GB",
  checkpoint_timeout: "1h",
  autovacuum: "off",
  jit: "off",
  deadlock_timeout: "1s",
};

/** A fresh database of the role `owner`, which is neither superuser nor pg_monitor. */
export interface BenchmarkDatabase extends AsyncDisposable {
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly query: <R extends pg.QueryResultRow>(sql: string) => Promise<R[]>;
}

/** The server that all programs of a benchmark work on, one after the other. */
export interface DatabaseServer extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  createDatabase(): Promise<BenchmarkDatabase>;
}

const [user, password] = ["owner", "owner-password"];
const memory = "/dev/shm";
const memoryNeededBytes = 12 * 1024 ** 3;

/**
 * In memory where there is enough: the files of the databases that were dropped a moment ago slow a disk's file system
 * down for whoever comes next.
 */
function dataLocation(): string {
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= memoryNeededBytes ? memory : tmpdir();
}

/** For people. */
export function describeDataLocation(): string {
  return dataLocation() === memory ? "in memory (tmpfs), so that fsync costs nothing" : "on this machine's disk";
}

/** Starts a server of its own with `serverSettings`; disposing it ends the process and removes its data. */
export async function startDatabaseServer(): Promise<DatabaseServer> {
  const server = await PostgresProcess.create(18, dataLocation());
  await using started = new AsyncDisposableStack();
  started.defer(() => server.remove());
  server.configure(...Object.entries(serverSettings).map(([name, value]) => `${name} = '${value}'`));
  await server.start();
  const administer = <R extends pg.QueryResultRow>(sql: string) => query<R>(superuserUrl(server.port, "postgres"), sql);
  await administer(`create role ${user} login password '${password}'`);
  const [row] = await administer<{ server_version: string }>("show server_version");
  let created = 0;
  const running = started.move();
  return {
    port: server.port,
    version: row?.server_version ?? "",
    createDatabase: async () => {
      const name = `bench_${++created}`;
      await administer(`create database ${name} owner ${user}`);
      return {
        name,
        user,
        password,
        query: (sql) => query(superuserUrl(server.port, name), sql),
        [Symbol.asyncDispose]: async () => {
          await administer(`drop database ${name} with (force)`);
        },
      };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
