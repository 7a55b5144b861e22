import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

/** A Kubernetes cluster that images can be brought to, and the clients that talk to it. */
export interface Cluster {
  readonly kubeconfig: string;
  readonly context: string;
  readonly kubectl: string;
  readonly helm: { readonly 3: string; readonly 4: string };
  /** True for the cluster of test/cluster: it shares this machine's network, so that Services are reachable from here. */
  readonly local: boolean;
  /** Brings built images to the nodes and returns the reference under which each can be run there. */
  readonly provideImages: (references: readonly string[]) => Promise<string[]>;
}

export type HelmMajor = 3 | 4;

const clusterScript = fileURLToPath(new URL("../../test/cluster/cluster.sh", import.meta.url));

/** Runs `npm run cluster -- ARGS`; progress goes to stderr, the answer is the last line of stdout. */
async function clusterCommand(...args: string[]): Promise<string> {
  const { stdout } = await execa("sh", [clusterScript, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  return stdout.trim().split("\n").at(-1) ?? "";
}

/** Starts the cluster of test/cluster, building it first where needed. */
export async function startLocalCluster(): Promise<Cluster> {
  await clusterCommand("up");
  return connectLocalCluster();
}

/** The cluster of test/cluster, which must be up. */
export async function connectLocalCluster(): Promise<Cluster> {
  return {
    ...(await clients()),
    kubeconfig: await clusterCommand("kubeconfig"),
    context: "migration-gate",
    local: true,
    provideImages: async (references) => {
      if (references.length > 0) await clusterCommand("load", ...references);
      return [...references];
    },
  };
}

/**
 * True where any part of it runs, in whatever health: on a busy machine `status` fails although somebody works with the
 * cluster, and who takes that for "down" removes it from under them.
 */
export async function isLocalClusterUp(): Promise<boolean> {
  const { stdout } = await execa("sh", [clusterScript, "status"], { stdin: "ignore", stderr: "ignore", reject: false });
  return /^\S+ +runs, pid \d+$/m.test(stdout);
}

export async function stopLocalCluster(): Promise<void> {
  await clusterCommand("down");
}

/** The directory of Argo CD's program `argocd` and of its `manifests`, built first where needed. */
export function argoCdDirectory(): Promise<string> {
  return clusterCommand("argocd");
}

/**
 * Uses an existing cluster: `context` of the user's kubeconfig.
 *
 * @param push pushes built images to a registry that this cluster's nodes can pull from, and returns their references.
 */
export async function useExistingCluster(context: string, push: Cluster["provideImages"]): Promise<Cluster> {
  const tools = await clients();
  const kubeconfig = process.env["KUBECONFIG"] ?? join(homedir(), ".kube", "config");
  await execa(tools.kubectl, ["--kubeconfig", kubeconfig, "--context", context, "get", "--raw", "/readyz"], {
    timeout: 30_000,
  }).catch((cause: unknown) => {
    throw new Error(`the cluster of context "${context}" in ${kubeconfig} does not answer`, { cause });
  });
  return { ...tools, kubeconfig, context, local: false, provideImages: push };
}

/** The kubectl and Helms that test/cluster builds; they need no cluster that is up. */
export async function clients(): Promise<Pick<Cluster, "kubectl" | "helm">> {
  const directory = await clusterCommand("tools");
  return { kubectl: join(directory, "kubectl"), helm: { 3: join(directory, "helm3"), 4: join(directory, "helm4") } };
}
