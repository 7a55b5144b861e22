import { type ApiClient, openApiClient } from "../api/api-client.ts";
import { podTransport } from "../api/api-transport.ts";
import { openServiceAccount, type TokenOwner, tokenOwner } from "../api/service-account.ts";
import { clusterAccess } from "../settings.ts";
import type { Environment } from "../settings-reader.ts";

/** The API as a pod reaches it. */
export interface InCluster extends Disposable {
  readonly api: ApiClient;
  /** Whom the token was issued to. */
  readonly owner: TokenOwner;
  /** As it is mounted now. */
  readonly token: string;
  /** The pod's own. */
  readonly namespace: string | undefined;
}

/**
 * Opens a client with the mounted service account.
 *
 * @throws UsageError outside of a cluster, or where no token is mounted
 */
export function openInCluster(env: Environment): InCluster {
  const { address, serviceAccountDirectory } = clusterAccess(env);
  const { credentials, namespace } = openServiceAccount(serviceAccountDirectory);
  const api = openApiClient(podTransport(address, credentials));
  const { token } = credentials();
  return {
    api,
    token,
    owner: tokenOwner(token),
    namespace,
    [Symbol.dispose]: () => api.close(),
  };
}
