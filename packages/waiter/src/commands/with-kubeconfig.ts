import { type ApiClient, openApiClient } from "../api/api-client.ts";
import type { KubeconfigChoice } from "../kubeconfig/load-kubeconfig.ts";
import type { Environment } from "../settings-reader.ts";

/** The API as a person reaches it. */
export interface WithKubeconfig extends Disposable {
  readonly api: ApiClient;
  /** The context's, or Kubernetes' own default. */
  readonly namespace: string;
}

/**
 * Opens a client with a kubeconfig.
 *
 * @throws UsageError where there is none that can be used.
 */
export async function openWithKubeconfig(choice: KubeconfigChoice, env: Environment): Promise<WithKubeconfig> {
  const { loadKubeconfig } = await import("../kubeconfig/load-kubeconfig.ts");
  const { kubeconfigTransport } = await import("../kubeconfig/kubeconfig-transport.ts");
  const loaded = loadKubeconfig(choice, env);
  const api = openApiClient(kubeconfigTransport(loaded));
  return { api, namespace: loaded.context.namespace || "default", [Symbol.dispose]: () => api.close() };
}
