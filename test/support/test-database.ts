import pg from "pg";
import type { PostgresProcess } from "./postgres-process.ts";

/** A database of one test. It belongs to the role `owner`, which is neither superuser nor pg_monitor. */
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

/** The databases of one server, and the connections that tests have opened to them. */
export class TestDatabases {
  readonly #server: PostgresProcess;
  readonly #clients: pg.Client[] = [];
  #created = 0;

  constructor(server: PostgresProcess) {
    this.#server = server;
  }

  async createOwner(): Promise<void> {
    await this.#administer(`create role owner login password '${ownerPassword}'`);
  }

  /** True where the server lets somebody in. */
  async answers(): Promise<boolean> {
    try {
      await this.#administer("select 1");
      return true;
    } catch {
      return false;
    }
  }

  async create(): Promise<TestDatabase> {
    const name = `test_${++this.#created}`;
    await this.#administer(`create database ${name} owner owner`);
    const url = this.#url("owner", ownerPassword, name);
    const superuserUrl = this.#superuserUrl(name);
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

  async closeConnections(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end().catch(() => undefined)));
  }

  async #administer(sql: string): Promise<void> {
    await query(this.#superuserUrl("postgres"), sql);
  }

  #superuserUrl(database: string): string {
    return this.#url("postgres", this.#server.superuserPassword, database);
  }

  #url(role: string, password: string, database: string): string {
    return `postgres://${role}:${password}@127.0.0.1:${this.#server.port}/${database}`;
  }
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
