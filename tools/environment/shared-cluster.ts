import { type Cluster, isLocalClusterUp, startLocalCluster, stopLocalCluster } from "./cluster.ts";
import { bindNamespace } from "./namespace.ts";

/** The local cluster, which several runs may use at a time. */
export interface SharedCluster extends AsyncDisposable {
  readonly cluster: Cluster;
}

/**
 * Starts the local cluster where it is down; then it is ended when this is disposed of, unless others have come to use it
 * meanwhile. A cluster that was up stays up.
 */
export async function shareLocalCluster(log: (line: string) => void): Promise<SharedCluster> {
  const wasUp = await isLocalClusterUp();
  const cluster = await startLocalCluster();
  return {
    cluster,
    [Symbol.asyncDispose]: async () => {
      if (!wasUp) await stopUnlessUsed(cluster, log);
    },
  };
}

async function stopUnlessUsed(cluster: Cluster, log: (line: string) => void): Promise<void> {
  const { kubectl } = bindNamespace(cluster, "default");
  const names = (await kubectl("get", "namespaces", "--output", "jsonpath={.items[*].metadata.name}")).split(" ");
  const others = names.filter((name) => name !== "default" && !name.startsWith("kube-"));
  if (others.length === 0) await stopLocalCluster();
  else log(`the cluster stays up for ${others.join(", ")}`);
}
