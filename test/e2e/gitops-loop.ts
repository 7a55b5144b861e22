import { setTimeout } from "node:timers/promises";
import { execa } from "execa";
import type { Namespace } from "../../tools/environment/namespace.ts";

/** Applies the same manifests again and again, as a GitOps tool does. */
export interface GitOpsLoop extends AsyncDisposable {
  /** How often all of the newest manifests were applied. */
  readonly rounds: () => number;
  /** Goes on with other manifests; what is no longer among them is pruned. */
  readonly change: (manifests: string) => void;
  /** What kubectl had to say where it failed. */
  readonly failures: readonly string[];
}

const pauseMs = 1000;

/** Starts `kubectl apply --server-side --force-conflicts --prune`, a second after the last round each, until it is disposed of. */
export function startGitOpsLoop({ cluster, name }: Namespace, manifests: string): GitOpsLoop {
  const target = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context, "--namespace", name];
  const apply = ["apply", "--server-side", "--force-conflicts", "--prune", "--applyset=shop", "--filename=-"];
  const failures: string[] = [];
  const stop = new AbortController();
  let desired = manifests;
  let rounds = 0;

  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      const input = desired;
      const env = { KUBECTL_APPLYSET: "true" };
      const { failed, stderr } = await execa(cluster.kubectl, [...target, ...apply], { input, env, reject: false });
      if (failed) failures.push(stderr);
      else if (input === desired) rounds++;
      await setTimeout(pauseMs);
    }
  }
  const ended = loop();
  return {
    rounds: () => rounds,
    change: (next) => {
      desired = next;
      rounds = 0;
    },
    failures,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}
