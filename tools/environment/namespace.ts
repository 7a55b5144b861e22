import { execa } from "execa";
import { repositoryRoot } from "../images/catalogue.ts";
import type { Cluster, HelmMajor } from "./cluster.ts";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

/** kubectl and Helm, bound to one namespace of one cluster. */
export interface Namespace {
  readonly name: string;
  readonly cluster: Cluster;
  /** Runs kubectl in the namespace and returns its stdout. */
  readonly kubectl: (...args: string[]) => Promise<string>;
  /** Reads one object, or the `items` of several, as JSON. */
  readonly get: <T>(...args: string[]) => Promise<T>;
  readonly apply: (...objects: KubernetesObject[]) => Promise<void>;
  /** Runs Helm in the namespace, from the repository's root, and returns its stdout. */
  readonly helm: (major: HelmMajor, ...args: string[]) => Promise<string>;
  /** The same, interrupted as by Ctrl-C once `signal` aborts; rejects then too, when Helm has ended. */
  readonly helmUntil: (signal: AbortSignal, major: HelmMajor, ...args: string[]) => Promise<string>;
}

/** Creates a namespace with Pod Security "restricted" enforced, after deleting what an earlier run left of it. */
export async function emptyNamespace(cluster: Cluster, name: string): Promise<Namespace> {
  const namespace = bindNamespace(cluster, name);
  await deleteNamespace(namespace);
  await namespace.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  });
  return namespace;
}

export function bindNamespace(cluster: Cluster, name: string): Namespace {
  const target = ["--kubeconfig", cluster.kubeconfig, "--namespace", name];
  const kubectl = async (...args: string[]) =>
    (await execa(cluster.kubectl, [...target, "--context", cluster.context, ...args])).stdout;
  const helm = async (major: HelmMajor, args: string[], interruption?: AbortSignal) => {
    const command = [...target, "--kube-context", cluster.context, ...args];
    const likeCtrlC = { killSignal: "SIGINT", forceKillAfterDelay: false } as const;
    const options = interruption && { ...likeCtrlC, cancelSignal: interruption };
    return (await execa(cluster.helm[major], command, { cwd: repositoryRoot, ...options })).stdout;
  };
  return {
    name,
    cluster,
    kubectl,
    get: async (...args) => JSON.parse(await kubectl("get", "--output", "json", ...args)),
    apply: async (...objects) => {
      const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
      await execa(cluster.kubectl, [...target, "--context", cluster.context, "apply", "--filename", "-"], {
        input: list,
      });
    },
    helm: (major, ...args) => helm(major, args),
    helmUntil: (signal, major, ...args) => helm(major, args, signal),
  };
}

/** Deletes the namespace with all that is in it. */
export async function deleteNamespace(namespace: Namespace): Promise<void> {
  await namespace.kubectl("delete", "namespace", namespace.name, "--ignore-not-found", "--timeout", "120s");
}
