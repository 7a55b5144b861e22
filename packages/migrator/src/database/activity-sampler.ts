import { performance } from "node:perf_hooks";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import { type Activity, type Blocker, readActivity, type WatchedBackend } from "./activity.ts";
import type { ConnectionObserver } from "./connection.ts";
import { Session } from "./session.ts";

export interface SamplerOptions {
  /** For the second connection. */
  readonly connection: () => ConnectionTarget;
  readonly backend: WatchedBackend;
  readonly log: Logger;
  /** Told after every sample, and `undefined` when what was sampled has ended. */
  readonly onActivity: (activity: Activity | undefined) => void;
}

/** A message that ends sooner costs a timer, and no connection. */
const quietMs = 500;
const intervalMs = 1000;
const longestPauseMs = 60_000;
const answerWithinMs = 3000;

/**
 * Watches, from a second connection, what the backend of a session does while it runs a long message: what it waits
 * for and who blocks (by the time that a lock timeout is reported the server no longer knows), and how far it is.
 *
 * The connection is opened when a message has run for half a second, and kept until the end. Nothing that fails here
 * ever fails a migration: it is tried again with pauses of up to a minute.
 */
export class ActivitySampler implements ConnectionObserver, AsyncDisposable {
  readonly #options: SamplerOptions;
  readonly #closing = new AbortController();
  #observer: Session | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The sample that is under way; another one never begins before its end. */
  #sampling: Promise<void> | undefined;
  /** Counts messages, so that an answer about an earlier one is recognised. */
  #message = 0;
  #blockers: readonly Blocker[] = [];
  #failures = 0;
  #notBeforeMs = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Who was last seen to block the message that runs, or that has ended last. */
  get blockers(): readonly Blocker[] {
    return this.#blockers;
  }

  began(): void {
    this.#message++;
    this.#blockers = [];
    this.#schedule(quietMs);
  }

  ended(): void {
    this.#message++;
    clearTimeout(this.#timer);
    this.#options.onActivity(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#message++;
    // An answer that is still awaited may never come.
    if (this.#sampling) this.#closing.abort();
    await this.#sampling;
    await this.#observer?.close();
  }

  #schedule(pauseMs: number): void {
    const message = this.#message;
    clearTimeout(this.#timer);
    const dueInMs = Math.max(pauseMs, this.#notBeforeMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#sampling ??= this.#sample(message).finally(() => {
        this.#sampling = undefined;
      });
      this.#sampling.then(() => {
        if (this.#message === message) this.#schedule(intervalMs);
      });
    }, dueInMs);
    this.#timer.unref();
  }

  async #sample(message: number): Promise<void> {
    const { connection, backend, log, onActivity } = this.#options;
    try {
      this.#observer ??= await Session.open(
        { ...connection(), timeoutMs: answerWithinMs, answerWithinMs },
        log,
        this.#closing.signal,
      );
      const activity = await readActivity(this.#observer, backend);
      this.#failures = 0;
      if (message !== this.#message || !activity) return;
      if (activity.awaitedLock) this.#blockers = activity.awaitedLock.blockers;
      onActivity(activity);
    } catch (error) {
      await this.#observer?.close();
      this.#observer = undefined;
      if (this.#failures++ === 0 && !this.#closing.signal.aborted) {
        log.info({ reason: (error as Error).message }, "what a statement is doing cannot be seen");
      }
      this.#notBeforeMs = performance.now() + Math.min(longestPauseMs, 1000 * 2 ** this.#failures);
    }
  }
}
