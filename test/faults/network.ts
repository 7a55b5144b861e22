import { open } from "node:fs/promises";
import { execa } from "execa";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { containerProcess } from "../e2e/scenario/container-process.ts";

/** How the network answers what a pod sends to the API server: not at all, or with a refused connection. */
export type Blockade = "dropped" | "refused";

function rules(blockade: Blockade, server: string): string[][] {
  const sent = ["OUTPUT", "--protocol", "tcp", "--destination", server, "--jump"];
  const received = ["INPUT", "--protocol", "tcp", "--source", server, "--jump"];
  return blockade === "refused"
    ? [[...sent, "REJECT", "--reject-with", "tcp-reset"]]
    : [
        [...sent, "DROP"],
        [...received, "DROP"],
      ];
}

/**
 * Cuts the pod of a running container off from the API server until disposed of, as a NetworkPolicy or a service mesh that
 * is not ready would: also connections that are open. The rules are in the pod's network namespace, and go with it.
 */
export async function blockApi(
  namespace: Namespace,
  pod: string,
  container: string,
  blockade: Blockade,
): Promise<AsyncDisposable> {
  const { pid } = await containerProcess(namespace, pod, container);
  // The container may be restarted meanwhile, the network is its pod's.
  const network = await open(`/proc/${pid}/ns/net`);
  const { spec } = await namespace.get<{ spec: { clusterIP: string } }>("service", "kubernetes", "--namespace=default");
  const iptables = async (action: string) => {
    for (const rule of rules(blockade, spec.clusterIP)) {
      await execa("nsenter", [`--net=/proc/${process.pid}/fd/${network.fd}`, "iptables", "--wait", action, ...rule]);
    }
  };
  await iptables("--insert");
  return {
    [Symbol.asyncDispose]: async () => {
      await iptables("--delete");
      await network.close();
    },
  };
}
