import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
// This module alone: the package's index brings every API of Kubernetes with it.
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import type { Cluster, Context } from "@kubernetes/client-node/dist/config_types.js";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import type { Environment } from "../settings-reader.ts";

export interface KubeconfigChoice {
  readonly file: string | undefined;
  readonly context: string | undefined;
}

/** A kubeconfig in which one context is chosen. */
export interface LoadedKubeconfig {
  readonly config: KubeConfig;
  readonly context: Context;
  readonly cluster: Cluster;
}

/**
 * Reads the kubeconfig that kubectl would: the given file, else those of `KUBECONFIG`, else `~/.kube/config`. Files that
 * do not exist are passed over, and of two entries with one name the first counts
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 *
 * @throws UsageError where there is none, it cannot be understood, or it has no such context or cluster.
 */
export function loadKubeconfig(choice: KubeconfigChoice, env: Environment): LoadedKubeconfig {
  const files = kubeconfigFiles(choice, env);
  const found = files.filter((file) => existsSync(file));
  if (found.length === 0) {
    throw new UsageError(`no kubeconfig: ${files.join(", ")} does not exist; give --kubeconfig, or set KUBECONFIG`);
  }
  const config = merged(found.map(parse));
  if (choice.context !== undefined) config.setCurrentContext(choice.context);
  const name = config.getCurrentContext();
  const known = config.getContexts().map((context) => context.name);
  const context = config.getContextObject(name);
  if (!context) {
    const which = name ? `has no context "${name}"` : "has no current context";
    throw new UsageError(`the kubeconfig ${which}: give --context, one of: ${known.join(", ") || "(there is none)"}`);
  }
  const cluster = config.getCluster(context.cluster);
  if (!cluster)
    throw new UsageError(
      `context "${name}" of the kubeconfig names the cluster "${context.cluster}", which it has not`,
    );
  return { config, context, cluster };
}

function kubeconfigFiles({ file }: KubeconfigChoice, env: Environment): string[] {
  if (file !== undefined) return [file];
  const listed = env["KUBECONFIG"]?.split(delimiter).filter((name) => name !== "") ?? [];
  return listed.length > 0 ? listed : [join(env["HOME"] ?? homedir(), ".kube", "config")];
}

function parse(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
    return config;
  } catch (cause) {
    throw new UsageError(`${file} is not a kubeconfig: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
}

function merged([first, ...others]: readonly KubeConfig[]): KubeConfig {
  const config = first ?? new KubeConfig();
  for (const other of others) {
    if (!config.getCurrentContext()) config.setCurrentContext(other.getCurrentContext());
    for (const one of other.getContexts()) if (!config.getContextObject(one.name)) config.addContext(one);
    for (const one of other.getClusters()) if (!config.getCluster(one.name)) config.addCluster(one);
    for (const one of other.getUsers()) if (!config.getUser(one.name)) config.addUser(one);
  }
  return config;
}
