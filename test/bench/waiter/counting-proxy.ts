import { once } from "node:events";
import { ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { Agent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import type { Certificate } from "../../support/kube-api-certificate.ts";
import type { ApiAccess } from "./bench.ts";

export interface CountingProxy extends AsyncDisposable {
  readonly port: number;
  /** `VERB PATH` of every request so far, and how many connections there were. */
  readonly seen: { readonly requests: readonly string[]; readonly connections: number };
}

/** Stands before the API server and counts. It speaks HTTP/2 as well, because kubectl does. */
export async function startCountingProxy({ address, ca }: ApiAccess, certificate: Certificate): Promise<CountingProxy> {
  const seen = { requests: [] as string[], connections: 0 };
  const agent = new Agent({ keepAlive: true, ca });
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url, "https://api");
    seen.requests.push(`${searchParams.has("watch") ? "WATCH" : incoming.method} ${pathname}`);
    forward(incoming, outgoing);
  });
  const forward = (incoming: Http2ServerRequest, outgoing: Http2ServerResponse) => {
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !/^:|^host$|^connection$/.test(name)),
    );
    const { method, url: path } = incoming;
    const upstream = httpsRequest({ agent, ...address, method, path, headers }, (answer) => {
      const { connection, "transfer-encoding": encoding, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(outgoing);
      // A watch that has nothing to say yet has begun all the same; HTTP/2 has sent the head already.
      if (outgoing instanceof ServerResponse) outgoing.flushHeaders();
    });
    upstream.on("error", () => outgoing.stream?.destroy());
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  };
  const sockets = new Set<{ destroy(): void }>();
  server.on("secureConnection", (socket) => {
    seen.connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      agent.destroy();
      await closed;
    },
  };
}
