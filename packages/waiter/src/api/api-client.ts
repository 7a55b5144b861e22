import type { IncomingMessage } from "node:http";
import { ApiError, connectionError, statusError } from "./api-error.ts";
import type { ApiTransport } from "./api-transport.ts";
import { limitTime, type TimeLimit } from "./time-limit.ts";

export interface ApiRequest {
  readonly method?: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Of the body, where it is not plain JSON: the kind of a PATCH. */
  readonly contentType?: "application/merge-patch+json" | "application/apply-patch+yaml";
}

export interface StreamLimits {
  /** Ends the stream when no complete line came for so long; bytes that complete no line do not count. */
  readonly silenceMs: number;
  readonly totalMs: number;
}

/** What is wanted of the API server. Every failure is an `ApiError`, except the abort of `signal`. */
export interface ApiClient {
  /** Sends a request and parses the JSON of its 2xx answer. */
  request(request: ApiRequest, signal: AbortSignal): Promise<unknown>;
  /** The same, and tells what the server's clock said, as the answer's `Date` header has it. */
  requestWithDate(request: ApiRequest, signal: AbortSignal): Promise<DatedAnswer>;
  /** Streams the lines of an answer, each parsed as JSON, until the server ends it. */
  stream(request: ApiRequest, limits: StreamLimits, signal: AbortSignal): AsyncGenerator<unknown, void>;
  close(): void;
}

export interface DatedAnswer {
  readonly answer: unknown;
  readonly date: string | undefined;
}

/** Far above the 1.5 MiB that etcd lets an object have. */
const answerLimit = 8 * 1024 * 1024;
const requestTimeoutMs = 10_000;

/** Speaks to the API server that `transport` reaches. */
export function openApiClient(transport: ApiTransport): ApiClient {
  function send({ method = "GET", path, query, body: value, contentType }: ApiRequest, signal: AbortSignal) {
    const body = value && JSON.stringify(value);
    const headers = {
      accept: "application/json",
      "user-agent": "migration-gate-waiter",
      ...(body && { "content-type": contentType ?? "application/json", "content-length": Buffer.byteLength(body) }),
    };
    return transport.send(
      { method, path: query ? `${path}?${new URLSearchParams(query)}` : path, headers, body },
      signal,
    );
  }

  async function open(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const first = await send(request, signal);
    if (first.statusCode !== 401) return first;
    // Right after a rotation one of several API servers may not know the token yet, or we had read the old one.
    first.resume();
    return send(request, signal);
  }

  async function requestWithDate(request: ApiRequest, signal: AbortSignal): Promise<DatedAnswer> {
    using limit = limitTime(signal, requestTimeoutMs);
    return await translateErrors(signal, limit, async () => {
      const answer = await open(request, limit.signal);
      return { answer: parseJson(await readSuccess(answer)), date: answer.headers.date };
    });
  }

  return {
    requestWithDate,
    request: async (request, signal) => (await requestWithDate(request, signal)).answer,

    async *stream(request, { silenceMs, totalMs }, signal) {
      using total = limitTime(signal, totalMs);
      using silence = limitTime(total.signal, Math.min(silenceMs, requestTimeoutMs));
      const answer = await translateErrors(signal, silence, async () => {
        const opened = await open(request, silence.signal);
        if (opened.statusCode !== 200) await readSuccess(opened);
        return opened;
      });
      const lines = jsonLines(answer);
      try {
        for (;;) {
          silence.set(silenceMs);
          const line = await translateErrors(signal, silence, () => lines.next());
          if (line.done) return;
          yield line.value;
        }
      } finally {
        answer.destroy();
      }
    },

    close: () => transport.close(),
  };
}

async function translateErrors<T>(signal: AbortSignal, limit: TimeLimit, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (limit.signal.aborted) throw new ApiError("no answer in time", { code: "ETIMEDOUT", cause: error });
    throw connectionError(error);
  }
}

async function readSuccess(answer: IncomingMessage): Promise<string> {
  const body = await readText(answer);
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return body;
  throw statusError(status, body, answer.headers["retry-after"]);
}

async function readText(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of answer.setEncoding("utf8")) text = append(text, chunk);
  return text;
}

/** Decoding by stream keeps characters whole that are split between chunks; a last line without its end is dropped. */
async function* jsonLines(answer: IncomingMessage): AsyncGenerator<unknown, void> {
  let rest = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    const [head = "", ...tail] = (chunk as string).split("\n");
    rest = append(rest, head);
    for (const next of tail) {
      if (rest.trim() !== "") yield parseJson(rest);
      rest = next;
    }
  }
}

function append(text: string, chunk: string): string {
  if (text.length + chunk.length > answerLimit) throw new ApiError("answer is too large", { status: 200 });
  return text + chunk;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError("answer is not JSON", { status: 200, cause });
  }
}
