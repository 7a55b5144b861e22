import { readFile } from "node:fs/promises";
import { startLocalCluster } from "../../tools/environment/cluster.ts";

/** Parts of the local cluster, started again at the latest when disposed of. Whoever else uses the cluster notices. */
export interface ClusterParts extends AsyncDisposable {
  readonly kill: () => Promise<void>;
  /** Starts them, and waits until the cluster is well. */
  readonly restart: () => Promise<void>;
}

export function clusterParts(...names: ("containerd" | "etcd" | "kube-apiserver" | "kubelet")[]): ClusterParts {
  // `up` starts what has ended.
  const restart = async () => void (await startLocalCluster());
  return {
    kill: async () => {
      for (const name of names) {
        const { pid } = JSON.parse(await readFile(`/run/migration-gate-cluster/parts/${name}.json`, "utf8"));
        process.kill(pid, "SIGKILL");
      }
    },
    restart,
    [Symbol.asyncDispose]: restart,
  };
}
