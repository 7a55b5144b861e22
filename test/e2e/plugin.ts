import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { bundleWaiter } from "../support/kube-api-bundle.ts";

/** Runs `kubectl migration-gate ARGS` in a namespace and returns its stdout. */
export type Plugin = (namespace: Namespace, ...args: string[]) => Promise<string>;

/** Bundles the waiter and names it as kubectl looks for its plugins: by a file on the PATH. */
export async function installPlugin(): Promise<Plugin> {
  const program = bundleWaiter();
  await symlink(program, join(dirname(program), "kubectl-migration_gate"));
  return async ({ name, cluster }, ...args) => {
    const path = [dirname(program), dirname(process.execPath), process.env["PATH"]].join(":");
    const env = { PATH: path, KUBECONFIG: cluster.kubeconfig };
    const { stdout } = await execa(cluster.kubectl, ["migration-gate", ...args, "--namespace", name], { env });
    return stdout;
  };
}
