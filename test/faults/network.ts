import { execa } from "execa";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { containerProcess } from "./container-process.ts";

/** How the network answers what a pod sends to the API server: not at all, or with a refused connection. */
export type Blockade = "dropped" | "refused";

const target: Readonly<Record<Blockade, readonly string[]>> = {
  dropped: ["DROP"],
  refused: ["REJECT", "--reject-with", "tcp-reset"],
};

/**
 * Cuts the pod of a running container off from the API server until disposed of, as a NetworkPolicy or a service mesh that
 * is not ready would: also connections that are open. The rule is in the pod's network namespace, and goes with it.
 */
export async function blockApi(
  namespace: Namespace,
  pod: string,
  container: string,
  blockade: Blockade,
): Promise<AsyncDisposable> {
  const { pid } = await containerProcess(namespace, pod, container);
  // The container may be restarted meanwhile, its pod's network is the same then.
  const { stdout: network } = await execa("ip", ["netns", "identify", String(pid)]);
  const service = await namespace.get<{ spec: { clusterIP: string } }>("service", "kubernetes", "--namespace=default");
  const packets = [
    "OUTPUT",
    "--protocol",
    "tcp",
    "--destination",
    service.spec.clusterIP,
    "--jump",
    ...target[blockade],
  ];
  const iptables = (action: string) =>
    execa("ip", ["netns", "exec", network, "iptables", "--wait", action, ...packets]);
  await iptables("--insert");
  return { [Symbol.asyncDispose]: async () => void (await iptables("--delete")) };
}
