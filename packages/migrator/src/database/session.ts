import type { Logger } from "@migration-gate/cli-runtime/logger";
import pg from "pg";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import { type ConnectionObserver, DatabaseConnection } from "./connection.ts";
import { ScriptQuery, type ScriptResult } from "./script-query.ts";

/**
 * One database session with a stable backend, on which the lock is held and the migrations run.
 *
 * Every call either succeeds, or throws the server's own error (`pg.DatabaseError`), or `ConnectionLostError`, or the
 * reason of the signal: an abort cancels what is running.
 */
export class Session {
  readonly #connection: DatabaseConnection;
  #transactionHead: readonly string[] = [];
  #farewell: readonly string[] = [];

  private constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  /** Connects once; the caller retries. Rejects with pg's own error. */
  static async open(target: ConnectionTarget, log: Logger, signal: AbortSignal): Promise<Session> {
    return new Session(await DatabaseConnection.open(target, log, signal));
  }

  get applicationName(): string {
    return this.#connection.applicationName;
  }

  /** The process id that the connection was given: the backend's, or a pooler's own invention. */
  get connectionPid(): number | null {
    return this.#connection.pid;
  }

  /** True where no transaction is open. */
  get idle(): boolean {
    return this.#connection.idle;
  }

  /** Says which backend serves the session to its end; without that, only the connection itself can be cancelled. */
  bindTo(backendPid: number): void {
    this.#connection.bindTo(backendPid);
  }

  /** Lets somebody know, from now on, while a message runs. */
  observedBy(observer: ConnectionObserver): void {
    this.#connection.observedBy(observer);
  }

  /** Puts statements at the beginning of every transaction of `query` and `queryAll`: what they set is gone with it. */
  headTransactions(statements: readonly string[]): void {
    this.#transactionHead = statements;
  }

  /** Sets what an orderly end sends: where a pooler keeps the backend, ending the session leaves it as it is. */
  bidFarewellWith(statements: readonly string[]): void {
    this.#farewell = statements;
  }

  /** Runs one query and returns its rows; without `values`, `sql` may hold several statements: the last one's rows. */
  async query<R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<R[]> {
    if (values && this.#transactionHead.length > 0 && this.idle) return await this.#queryInTransaction<R>(sql, values);
    const result = await this.#connection.use((client) =>
      values ? client.query<R>(sql, [...values]) : client.query<R>(this.#headed(sql)),
    );
    return (Array.isArray(result) ? (result as pg.QueryResult<R>[]).at(-1) : result)?.rows ?? [];
  }

  /** Runs a message of several statements, each result by itself. */
  async queryAll(sql: string): Promise<pg.QueryResultRow[][]> {
    const skipped = this.idle ? this.#transactionHead.length : 0;
    const result: unknown = await this.#connection.use((client) => client.query(this.#headed(sql)));
    return (result as pg.QueryResult[]).slice(skipped).map(({ rows }) => rows);
  }

  /**
   * Ends a failed transaction, and runs more in the same message. For this `query` would be wrong: an error is known
   * before the server says in which state the session is now.
   */
  async rollback(andThen: readonly string[] = []): Promise<void> {
    await this.#connection.use((client) => client.query(["rollback", ...andThen].join("; ")));
  }

  /**
   * Sends one message of a migration, and `copyData` to the COPY in it.
   */
  async run(message: string, copyData?: Iterable<Uint8Array>): Promise<ScriptResult> {
    const query = new ScriptQuery(message, copyData);
    return this.#connection.use((client) => {
      client.query(query);
      return query.done;
    });
  }

  /** Ends the session, politely where it still listens: with it go its locks and all that is uncommitted. */
  async close(): Promise<void> {
    await this.#connection.close(async (client) => {
      if (this.#farewell.length === 0) return;
      await client.query("rollback");
      await client.query(this.#farewell.join("; "));
    });
  }

  /** The statements of one message are one transaction, which a BEGIN among them only prolongs. */
  #headed(sql: string): string {
    return this.idle ? [...this.#transactionHead, sql].join(";\n") : sql;
  }

  /** With values a message holds one statement. */
  async #queryInTransaction<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[]): Promise<R[]> {
    await this.query("begin");
    try {
      const rows = await this.query<R>(sql, values);
      await this.query("commit");
      return rows;
    } catch (error) {
      if (error instanceof pg.DatabaseError) await this.rollback();
      throw error;
    }
  }
}
