import { readFile } from "node:fs/promises";
import { startLocalCluster } from "../../tools/environment/cluster.ts";

/**
 * Kills a part of the local cluster, which is dead until disposed of: `up` starts what has ended. Whoever else uses the
 * cluster notices.
 */
export async function killPart(name: "containerd" | "etcd" | "kube-apiserver" | "kubelet"): Promise<AsyncDisposable> {
  const { pid } = JSON.parse(await readFile(`/run/migration-gate-cluster/parts/${name}.json`, "utf8"));
  process.kill(pid, "SIGKILL");
  return { [Symbol.asyncDispose]: async () => void (await startLocalCluster()) };
}
