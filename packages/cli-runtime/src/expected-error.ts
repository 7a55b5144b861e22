/**
 * A failure that the operator can act on: logged once, without a stack trace, and mapped to an exit code.
 *
 * Everything else that reaches the outermost `catch` is a bug: exit code 1 with a stack trace.
 */
export abstract class ExpectedError extends Error {
  abstract readonly exitCode: number;
}

/** Wrong flags, environment or set-up, found before any work began. The message says what to change. */
export class UsageError extends ExpectedError {
  override readonly name = "UsageError";
  readonly exitCode = 2;
}

/** SIGTERM or SIGINT ended the work; the reason of the `AbortSignal` that `runCli` hands out. */
export class InterruptedError extends ExpectedError {
  override readonly name = "InterruptedError";
  readonly exitCode: number;
  readonly signal: "SIGINT" | "SIGTERM";

  /** `outcome` says what became of the work, where that is not plain. */
  constructor(signal: "SIGINT" | "SIGTERM", outcome?: string) {
    super(`interrupted by ${signal}${outcome === undefined ? "" : `: ${outcome}`}`);
    this.signal = signal;
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}
