import { ExpectedError, InterruptedError } from "@migration-gate/cli-runtime/expected-error";
import { ApiError } from "../api/api-error.ts";
import { plainText } from "../ledger/plain-text.ts";

/** There is nothing that may be retried; the message says what to do instead. Nothing was changed. */
export class RetryRefusedError extends ExpectedError {
  override readonly name = "RetryRefusedError";
  readonly exitCode = 2;
}

/**
 * The failed Job was deleted, or is being deleted, and the new one was not created. `command` creates it.
 */
export class RetryBrokenOffError extends ExpectedError {
  override readonly name = "RetryBrokenOffError";
  readonly exitCode: number;

  constructor(job: string, command: string, cause: Error) {
    super(
      `Job ${job} is deleted, or about to be, and was not created again: ${plainText(cause.message, 1024)}; to create it: ${command}`,
      {
        cause,
      },
    );
    this.exitCode = exitCodeOf(cause);
  }
}

/** The failed Job does not go away. */
export class DeletionTimeoutError extends Error {
  override readonly name = "DeletionTimeoutError";
}

function exitCodeOf(cause: Error): number {
  if (cause instanceof InterruptedError) return cause.exitCode;
  if (cause instanceof DeletionTimeoutError) return 11;
  return cause instanceof ApiError && (cause.status === 401 || cause.status === 403) ? 13 : 14;
}
