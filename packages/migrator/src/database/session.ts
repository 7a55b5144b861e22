import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import pg from "pg";
import { failureClass } from "./failure-class.ts";
import { CommandFailedError, ScriptQuery } from "./script-query.ts";

/** The session is gone; what its last message did is known only to the server. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

/**
 * One database session with a stable backend, on which the lock is held and the migrations run.
 *
 * Every call either succeeds, or throws the server's own error (`pg.DatabaseError`), or `ConnectionLostError`, or the
 * reason of the signal: an abort cancels what is running.
 */
export class Session {
  readonly #client: pg.Client;
  readonly #config: pg.ClientConfig;
  readonly #signal: AbortSignal;
  readonly #socket: Socket;
  #lost: Error | undefined;
  #transactionHead: readonly string[] = [];
  #farewell: readonly string[] = [];
  #backendPid: number | undefined;

  private constructor(client: pg.Client, socket: Socket, config: pg.ClientConfig, signal: AbortSignal) {
    this.#client = client;
    this.#socket = socket;
    this.#config = config;
    this.#signal = signal;
    client.on("error", (error) => {
      this.#lost ??= error;
    });
    signal.addEventListener("abort", this.#interrupt, { once: true });
  }

  /** Connects once; the caller retries. Rejects with pg's own error. */
  static async open(config: pg.ClientConfig, log: Logger, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const socket = new Socket();
    const client = new pg.Client({
      ...config,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      stream: () => socket,
    });
    const session = new Session(client, socket, config, signal);
    client.on("notice", (notice) => logNotice(log, notice));
    const destroy = () => socket.destroy();
    signal.addEventListener("abort", destroy, { once: true });
    try {
      await client.connect();
      return session;
    } catch (error) {
      socket.destroy();
      signal.removeEventListener("abort", session.#interrupt);
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", destroy);
    }
  }

  /** The process id that the connection was given: the backend's, or a pooler's own invention. */
  get connectionPid(): number | null {
    return (this.#client as unknown as { processID: number | null }).processID;
  }

  /** Says which backend serves the session to its end; without that, only the connection itself can be cancelled. */
  bindTo(backendPid: number): void {
    this.#backendPid = backendPid;
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
    const result = await this.#guard(() =>
      values ? this.#client.query<R>(sql, [...values]) : this.#client.query<R>(this.#headed(sql)),
    );
    return (Array.isArray(result) ? (result as pg.QueryResult<R>[]).at(-1) : result)?.rows ?? [];
  }

  /** Runs a message of several statements, each result by itself. */
  async queryAll(sql: string): Promise<pg.QueryResultRow[][]> {
    const skipped = this.idle ? this.#transactionHead.length : 0;
    const result: unknown = await this.#guard(() => this.#client.query(this.#headed(sql)));
    return (result as pg.QueryResult[]).slice(skipped).map(({ rows }) => rows);
  }

  /**
   * Ends a failed transaction, and runs more in the same message. For this `query` would be wrong: an error is known
   * before the server says in which state the session is now.
   */
  async rollback(andThen: readonly string[] = []): Promise<void> {
    await this.#guard(() => this.#client.query(["rollback", ...andThen].join("; ")));
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

  /**
   * Sends one message of a migration, and `copyData` to the COPY in it; returns the command tags. Rows are dropped
   * unread.
   */
  async run(message: string, copyData?: string): Promise<readonly string[]> {
    const query = new ScriptQuery(message, copyData);
    return this.#guard(() => {
      this.#client.query(query);
      return query.done;
    });
  }

  /** True where no transaction is open. */
  get idle(): boolean {
    return (this.#client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus() === "I";
  }

  /** Ends the session, politely where it still listens: with it go its locks and all that is uncommitted. */
  async close(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#interrupt);
    if (!this.#lost) {
      const end = this.#sayFarewell().finally(() => this.#client.end());
      await Promise.race([end.catch(() => undefined), delay(2000, undefined, { ref: false })]);
    }
    this.#socket.destroy();
  }

  async #sayFarewell(): Promise<void> {
    if (this.#farewell.length === 0) return;
    await this.#client.query("rollback");
    await this.#client.query(this.#farewell.join("; "));
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    if (this.#lost) throw new ConnectionLostError(this.#lost.message, { cause: this.#lost });
    try {
      return await work();
    } catch (error) {
      this.#signal.throwIfAborted();
      const cause = error instanceof CommandFailedError ? error.cause : error;
      const gone = cause instanceof pg.DatabaseError ? failureClass(cause.code ?? "") === "connection" : this.#lost;
      if (gone) throw new ConnectionLostError((cause as Error).message, { cause });
      throw error;
    }
  }

  /**
   * Cancels the running statement through a connection of its own, and cuts the session where that cannot be had. Of a
   * client that is cut in a transaction a pooler drops the backend, so that nothing is committed there either.
   */
  readonly #interrupt = async (): Promise<void> => {
    if (this.#backendPid === undefined) {
      this.#socket.destroy();
      return;
    }
    const client = new pg.Client({ ...this.#config, connectionTimeoutMillis: 3000, query_timeout: 3000 });
    client.on("error", () => this.#socket.destroy());
    try {
      await client.connect();
      await client.query("select pg_cancel_backend($1)", [this.#backendPid]);
      await client.end();
    } catch {
      this.#socket.destroy();
    }
  };
}

const noActiveTransaction = "25P01";

function logNotice(
  log: Logger,
  notice: {
    readonly code?: string | undefined;
    readonly severity?: string | undefined;
    readonly message?: string | undefined;
  },
): void {
  // Our own ROLLBACK after a statement that ran outside a transaction.
  if (notice.code === noActiveTransaction) return;
  const fields = { severity: notice.severity, notice: notice.message };
  if (notice.severity === "WARNING") log.warn(fields, "server notice");
  else if (notice.severity === "NOTICE" || notice.severity === "INFO") log.debug(fields, "server notice");
}
