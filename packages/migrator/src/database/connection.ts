import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import pg from "pg";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import { failureClass } from "./failure-class.ts";
import { logNotice } from "./notices.ts";
import { type OpenClient, openClient } from "./open-client.ts";
import { CommandFailedError } from "./script-query.ts";

/** The session is gone; what its last message did is known only to the server. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
}

const cancelWithinMs = 3000;

/** Told when something begins to wait for the server's answer, and when it has it. */
export interface ConnectionObserver {
  began(): void;
  ended(): void;
}

/**
 * One open connection: how it is made, how an abort interrupts what runs on it, and how it ends.
 *
 * What is sent over it is up to `Session`.
 */
export class DatabaseConnection {
  readonly #client: pg.Client;
  readonly #target: ConnectionTarget;
  readonly #signal: AbortSignal;
  readonly #socket: Socket;
  #lost: Error | undefined;
  #backendPid: number | undefined;
  #observer: ConnectionObserver | undefined;

  private constructor({ client, socket }: OpenClient, target: ConnectionTarget, signal: AbortSignal) {
    this.#client = client;
    this.#socket = socket;
    this.#target = target;
    this.#signal = signal;
    client.on("error", (error) => {
      this.#lost ??= error;
    });
    signal.addEventListener("abort", this.#interrupt, { once: true });
  }

  /** Connects once; the caller retries. Rejects as `openClient` does. */
  static async open(target: ConnectionTarget, log: Logger, signal: AbortSignal): Promise<DatabaseConnection> {
    signal.throwIfAborted();
    const open = await openClient(target, signal, (client) => client.on("notice", (notice) => logNotice(log, notice)));
    return new DatabaseConnection(open, target, signal);
  }

  /** The name by which people find it on the server. */
  get applicationName(): string {
    return this.#target.applicationName;
  }

  /** The process id that the connection was given: the backend's, or a pooler's own invention. */
  get pid(): number | null {
    return (this.#client as unknown as { processID: number | null }).processID;
  }

  /** True where no transaction is open. */
  get idle(): boolean {
    return (this.#client as unknown as { getTransactionStatus(): string | null }).getTransactionStatus() === "I";
  }

  /** Says which backend serves the connection to its end; without that, only the connection itself can be cancelled. */
  bindTo(backendPid: number): void {
    this.#backendPid = backendPid;
  }

  observedBy(observer: ConnectionObserver): void {
    this.#observer = observer;
  }

  /**
   * Runs work on the client.
   *
   * @throws the server's own error (`pg.DatabaseError`), `ConnectionLostError`, or the reason of the signal
   */
  async use<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    if (this.#lost) throw new ConnectionLostError(this.#lost.message, { cause: this.#lost });
    this.#observer?.began();
    try {
      return await work(this.#client);
    } catch (error) {
      this.#signal.throwIfAborted();
      const cause = error instanceof CommandFailedError ? error.cause : error;
      const gone = cause instanceof pg.DatabaseError ? failureClass(cause.code ?? "") === "connection" : this.#lost;
      if (gone) throw new ConnectionLostError((cause as Error).message, { cause });
      throw error;
    } finally {
      this.#observer?.ended();
    }
  }

  /** Ends the connection, behind a last exchange where the server still listens. */
  async close(farewell: (client: pg.Client) => Promise<void>): Promise<void> {
    this.#signal.removeEventListener("abort", this.#interrupt);
    if (!this.#lost) {
      const end = farewell(this.#client).finally(() => this.#client.end());
      await Promise.race([end.catch(() => undefined), delay(2000, undefined, { ref: false })]);
    }
    this.#socket.destroy();
  }

  /**
   * Cancels the running statement through a connection of its own, and cuts the session where that cannot be had, or
   * where no answer comes of it: what is between may have fallen silent. Of a client that is cut in a transaction a
   * pooler drops the backend, so that nothing is committed there either.
   */
  readonly #interrupt = async (): Promise<void> => {
    if (this.#backendPid === undefined) {
      this.#socket.destroy();
      return;
    }
    const limits = { timeoutMs: cancelWithinMs, answerWithinMs: cancelWithinMs };
    try {
      const { client } = await openClient({ ...this.#target, ...limits }, new AbortController().signal);
      await client.query("select pg_cancel_backend($1)", [this.#backendPid]);
      await client.end();
      setTimeout(() => this.#socket.destroy(), cancelWithinMs).unref();
    } catch {
      this.#socket.destroy();
    }
  };
}
