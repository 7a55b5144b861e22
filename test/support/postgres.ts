import { afterAll, beforeAll, inject } from "vitest";
import { type PostgresMajor, PostgresProcess } from "./postgres-process.ts";
import { type TestDatabase, TestDatabases } from "./test-database.ts";

export type { TestDatabase } from "./test-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresMajor: PostgresMajor;
  }
}

/** A PostgreSQL server for one test file, with a database per test. */
export interface PostgresServer {
  readonly port: number;
  /** Starts it again after `stop`, on the same port and data. */
  start(): Promise<void>;
  stop(how?: "fast" | "immediate"): Promise<void>;
  /** What runs it, for tests that want more than one server. */
  readonly process: PostgresProcess;
  /** The statements that the server has run in a database since `logStatements` was called for it. */
  statements(database: TestDatabase): readonly string[];
  /** Creates a database that belongs to the role `owner`, which is neither superuser nor pg_monitor. */
  createDatabase(): Promise<TestDatabase>;
  /** A database that is there already, or comes later. */
  database(name: string): TestDatabase;
}

/**
 * Gives the test file a server of its own, of the major that its project is for: started before its tests, ended and
 * removed after them.
 */
export function usePostgres(): PostgresServer {
  let running: { readonly server: PostgresProcess; readonly databases: TestDatabases } | undefined;
  const current = () => {
    if (!running) throw new Error("the server is started before the tests, not while they are collected");
    return running;
  };
  beforeAll(async () => {
    const server = await PostgresProcess.create(inject("postgresMajor"));
    running = { server, databases: new TestDatabases(server.port) };
    await server.start();
    await running.databases.createOwner();
  });
  afterAll(async () => {
    await running?.databases.closeConnections();
    await running?.server.remove();
  });
  return {
    get port() {
      return current().server.port;
    },
    get process() {
      return current().server;
    },
    start: () => current().server.start(),
    stop: (how) => current().server.stop(how),
    statements: ({ name }) => loggedStatements(current().server.log, name),
    createDatabase: () => current().databases.create(),
    database: (name) => current().databases.named(name),
  };
}

function loggedStatements(log: string, database: string): readonly string[] {
  // A statement of several lines goes on in lines that begin with a tab.
  const entries = log.split(/\n(?!\t)/);
  const marker = `${database} LOG:  statement: `;
  const executed = new RegExp(`^${database} LOG:  execute [^:]*: `);
  return entries.flatMap((entry) => {
    if (entry.startsWith(marker)) return [entry.slice(marker.length)];
    return executed.test(entry) ? [entry.replace(executed, "")] : [];
  });
}
