/** What keeps the API from answering, in the four kinds that need different words and different remedies. */
export type TroubleKind = "unreachable" | "unauthorized" | "forbidden" | "failing";

interface ApiErrorDetails {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A request to the Kubernetes API that brought no usable answer: refused, reset, silent, malformed, or answered with a
 * status other than 2xx. All of these are retried; none of them ends the process by itself.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status (200: the answer could not be used), or the `code` of a watch's ERROR event; absent: no answer. */
  readonly status: number | undefined;
  /** Node's error code where no answer came: ECONNREFUSED, ECONNRESET, ETIMEDOUT, or one of TLS. */
  readonly code: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: ApiErrorDetails) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }

  get trouble(): TroubleKind {
    if (this.status === undefined) return "unreachable";
    if (this.status === 401) return "unauthorized";
    return this.status === 403 ? "forbidden" : "failing";
  }
}

/** Turns what `node:https` throws into an `ApiError`. */
export function connectionError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new ApiError(message, { code: code ?? "UNKNOWN", cause: error });
}

/**
 * Turns an answer that is not 2xx into an `ApiError`, with the message of the Kubernetes `Status` in its body where there
 * is one. `retryAfter` is the header's value; dates, which the API server never sends, are ignored.
 */
export function statusError(status: number, body: string, retryAfter: string | undefined): ApiError {
  const seconds = Number(retryAfter);
  return new ApiError(statusMessage(body) ?? `HTTP status ${status}`, {
    status,
    retryAfterMs: retryAfter !== undefined && seconds >= 0 ? seconds * 1000 : undefined,
  });
}

function statusMessage(body: string): string | undefined {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === "string" && message !== "" ? message : undefined;
  } catch {
    // A proxy in between answers in its own words; the status says enough.
    return undefined;
  }
}
