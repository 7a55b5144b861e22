import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { execa } from "execa";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import type { Inspection } from "./inspect.ts";

export interface Place {
  readonly pod: string;
  readonly container: string;
}

/** Looks around in a running container, with the rights that its process has. */
export async function inspect(namespace: Namespace, place: Place): Promise<Inspection> {
  return (await run(namespace, place, "inspect.ts")) as Inspection;
}

/**
 * Sends requests (`PATCH /api/v1/…`) to the Kubernetes API out of a running container.
 *
 * @param token the file in the container that holds the token to use, or "" for none
 * @returns the HTTP status of each
 */
export async function attack(
  namespace: Namespace,
  place: Place,
  token: string,
  requests: readonly string[],
): Promise<Record<string, number>> {
  return (await run(namespace, place, "attack.ts", token, ...requests)) as Record<string, number>;
}

/** Our images hold no shell, but Node; on their read-only root the script goes through standard input. */
async function run({ name, cluster }: Namespace, place: Place, script: string, ...args: string[]): Promise<unknown> {
  const { pod, container } = place;
  const input = stripTypeScriptTypes(await readFile(new URL(script, import.meta.url), "utf8"));
  const target = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context, "--namespace", name];
  const node = ["/usr/local/bin/node", "--max-old-space-size=16", "--input-type=module", "-", ...args];
  const exec = ["exec", "--stdin", pod, "--container", container, "--", ...node];
  const { stdout } = await execa(cluster.kubectl, [...target, ...exec], { input, timeout: 120_000 });
  return JSON.parse(stdout);
}
