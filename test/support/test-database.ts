import pg from "pg";
import { superuserUrl } from "./postgres-process.ts";
import { query } from "./query.ts";

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
  /** The same database on another server: its standby, or behind something that forwards. */
  at(port: number): TestDatabase;
}

const ownerPassword = "owner-password";

/** The databases of one server, and the connections that tests have opened to them. */
export class TestDatabases {
  readonly #port: number;
  readonly #clients: pg.Client[] = [];
  #created = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async createOwner(): Promise<void> {
    await this.#administer(`create role owner login password '${ownerPassword}'`);
  }

  async create(): Promise<TestDatabase> {
    const name = `test_${++this.#created}`;
    await this.#administer(`create database ${name} owner owner`);
    return this.named(name);
  }

  named(name: string, port = this.#port): TestDatabase {
    const urlOf = (role: string, password: string) => `postgres://${role}:${password}@127.0.0.1:${port}/${name}`;
    const url = urlOf("owner", ownerPassword);
    return {
      name,
      url,
      superuserUrl: superuserUrl(port, name),
      urlOf,
      at: (otherPort) => this.named(name, otherPort),
      query: (sql, values) => query(url, sql, values),
      superuser: (sql) => query(superuserUrl(port, name), sql),
      logStatements: async () => {
        await query(superuserUrl(port, name), `alter database ${name} set log_statement = 'all'`);
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
    await query(superuserUrl(this.#port, "postgres"), sql);
  }
}
