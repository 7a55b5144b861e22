import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { Credentials } from "./service-account.ts";

/** How requests get to an API server and prove who sends them. */
export interface ApiTransport {
  send(request: WireRequest, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

export interface WireRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | undefined;
}

export interface ApiAddress {
  readonly host: string;
  readonly port: number;
}

/** Reaches the API as a pod does; connections are made on first use and kept alive. */
export function podTransport({ host, port }: ApiAddress, credentials: () => Credentials): ApiTransport {
  // The API server closes idle connections after 90 s: be first, so that no request meets a dying one.
  const agent = new Agent({ keepAlive: true, timeout: 60_000 });
  return {
    send({ method, path, headers: given, body }, signal) {
      // Both are read for every request, because both are rotated; the agent keeps a pool per CA.
      const { token, ca } = credentials();
      const headers = { ...given, authorization: `Bearer ${token}` };
      return new Promise((resolve, reject) => {
        const outgoing = httpsRequest({ agent, host, port, path, method, headers, ca, signal });
        outgoing.on("response", resolve).on("error", reject).end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
