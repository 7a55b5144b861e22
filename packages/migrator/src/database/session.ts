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

  /** The backend's process id as the server told it at the start. */
  get processId(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }

  /** Runs one query and returns its rows; without `values`, `sql` may hold several statements: one result each. */
  async query<R extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<R[]> {
    const result = await this.#guard(() => this.#client.query<R>(sql, values ? [...values] : undefined));
    return (Array.isArray(result) ? (result as pg.QueryResult<R>[]).at(-1) : result)?.rows ?? [];
  }

  /** Runs a message of several statements, each result by itself. */
  async queryAll(sql: string): Promise<pg.QueryResultRow[][]> {
    const result: unknown = await this.#guard(() => this.#client.query(sql));
    return (result as pg.QueryResult[]).map(({ rows }) => rows);
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
    if (!this.#lost)
      await Promise.race([this.#client.end().catch(() => undefined), delay(2000, undefined, { ref: false })]);
    this.#socket.destroy();
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

  /** Cancels the running statement through a connection of its own, and cuts the session where that cannot be had. */
  readonly #interrupt = async (): Promise<void> => {
    const client = new pg.Client({ ...this.#config, connectionTimeoutMillis: 3000, query_timeout: 3000 });
    client.on("error", () => this.#socket.destroy());
    try {
      await client.connect();
      await client.query("select pg_cancel_backend($1)", [this.processId]);
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
