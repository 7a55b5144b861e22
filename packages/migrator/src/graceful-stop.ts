import { InterruptedError } from "@migration-gate/cli-runtime/expected-error";
import type { Logger } from "@migration-gate/cli-runtime/logger";

/** The two signals that a process may be sent, as `runCli` hands them out. */
export interface StopRequests {
  readonly requested: AbortSignal;
  /** A second one: now. */
  readonly insisted: AbortSignal;
}

/**
 * Turns the wish that the process ends into the moment at which work is cancelled: at once, except in the middle of
 * something that cannot be rolled back. That may go on for the grace period, unless somebody insists.
 */
export class GracefulStop {
  readonly #controller = new AbortController();
  readonly #requested: AbortSignal;
  readonly #graceMs: number;
  readonly #log: Logger;
  #finishing = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor({ requested, insisted }: StopRequests, graceMs: number, log: Logger) {
    this.#requested = requested;
    this.#graceMs = graceMs;
    this.#log = log;
    if (requested.aborted) this.#onRequest();
    requested.addEventListener("abort", () => this.#onRequest());
    insisted.addEventListener("abort", () => this.#cancel("cancelled the running statement"));
  }

  /** Aborted when work must end; its reason is an `InterruptedError` that says what became of the work. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Runs work that may finish after an interrupt. What follows it finds `signal` aborted then. */
  async finish<T>(work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    this.#finishing = true;
    try {
      return await work();
    } finally {
      this.#finishing = false;
      clearTimeout(this.#deadline);
      if (this.#requested.aborted) this.#cancel("finished the running statement");
    }
  }

  #onRequest(): void {
    if (!this.#finishing) {
      this.#cancel();
      return;
    }
    this.#log.warn({ gracePeriodMs: this.#graceMs }, "interrupted, the running statement may finish first");
    this.#deadline = setTimeout(
      () => this.#cancel("cancelled the running statement at the end of the grace period"),
      this.#graceMs,
    );
  }

  #cancel(outcome?: string): void {
    const { signal = "SIGTERM" } = this.#requested.reason as InterruptedError;
    this.#controller.abort(new InterruptedError(signal, outcome));
  }
}
