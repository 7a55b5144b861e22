import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { ApiError } from "../api/api-error.ts";
import type { ApiTransport, WireRequest } from "../api/api-transport.ts";
import type { LoadedKubeconfig } from "./load-kubeconfig.ts";

/**
 * Reaches the API as kubectl does: client certificates, tokens, exec plugins, OIDC, proxies and impersonation, all of which
 * client-node puts into the options of `node:https`. Plugins are run anew when their credentials have expired.
 */
export function kubeconfigTransport({ config, cluster }: LoadedKubeconfig): ApiTransport {
  const server = new URL(cluster.server);
  const basePath = server.pathname.replace(/\/$/, "");
  const isPlain = server.protocol === "http:";

  async function credentials(): Promise<RequestOptions> {
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
      return options;
    } catch (cause) {
      throw new ApiError(`the kubeconfig gives no credentials: ${(cause as Error).message.trim()}`, {
        status: 401,
        cause,
      });
    }
  }

  return {
    async send({ method, path, headers, body }: WireRequest, signal: AbortSignal): Promise<IncomingMessage> {
      const options = await credentials();
      signal.throwIfAborted();
      const target = {
        ...options,
        host: server.hostname.replace(/^\[(.*)\]$/, "$1"),
        port: server.port || (isPlain ? 80 : 443),
        path: basePath + path,
        method,
        headers: { ...headers, ...options.headers },
        signal,
      };
      return await new Promise((resolve, reject) => {
        const outgoing = isPlain ? httpRequest(target) : httpsRequest(target);
        outgoing.on("response", resolve).on("error", reject).end(body);
      });
    },
    close: () => {},
  };
}
