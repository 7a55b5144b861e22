import { ExpectedError } from "@migration-gate/cli-runtime/expected-error";
import { plainText } from "../ledger/plain-text.ts";
import type { ApiError } from "./api-error.ts";

/** A request of a person's command that brought nothing; nothing was retried, because the person can do that. */
export class ApiRefusedError extends ExpectedError {
  override readonly name = "ApiRefusedError";
  /** 13: access is refused; 14: no usable answer. */
  readonly exitCode: 13 | 14;

  constructor(what: string, cause: ApiError) {
    const status = cause.status === undefined ? "" : ` (status ${cause.status})`;
    super(`${what}${status}: ${plainText(cause.message, 1024)}`, { cause });
    this.exitCode = cause.trouble === "forbidden" || cause.trouble === "unauthorized" ? 13 : 14;
  }
}
