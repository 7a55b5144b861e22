import { execa } from "execa";
import type { Namespace } from "../../tools/environment/namespace.ts";

/** How the network answers what a pod sends to the API server: not at all, or with a refused connection. */
export type Blockade = "dropped" | "refused";

/**
 * Cuts one pod off from the API server until disposed of, as a NetworkPolicy or a service mesh that is not ready would:
 * also connections that are open. Only for the local cluster, whose pods' packets pass this machine.
 */
export async function blockApi(namespace: Namespace, pod: string, blockade: Blockade): Promise<AsyncDisposable> {
  const { status } = await namespace.get<{ status: { podIP: string } }>("pod", pod);
  const service = await namespace.get<{ spec: { clusterIP: string } }>("service", "kubernetes", "--namespace=default");
  const { subsets } = await namespace.get<EndpointAddresses>("endpoints", "kubernetes", "--namespace=default");
  const server = subsets[0]?.addresses[0]?.ip ?? "";
  // Dropped before, refused after the Service's address has been replaced: only filters can refuse, and they come later.
  const rule =
    blockade === "dropped"
      ? ["raw", "PREROUTING", "--destination", service.spec.clusterIP, "--jump", "DROP"]
      : [
          "filter",
          "INPUT",
          "--destination",
          server,
          "--protocol",
          "tcp",
          "--jump",
          "REJECT",
          "--reject-with",
          "tcp-reset",
        ];
  const [table = "", chain = "", ...match] = rule;
  const iptables = (action: string) =>
    execa("iptables", ["--wait", "--table", table, action, chain, "--source", status.podIP, ...match]);
  await iptables("--insert");
  return { [Symbol.asyncDispose]: async () => void (await iptables("--delete")) };
}

interface EndpointAddresses {
  readonly subsets: readonly { readonly addresses: readonly { readonly ip: string }[] }[];
}
