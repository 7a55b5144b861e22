import { findEngine, type Log } from "./engine.ts";

/**
 * Pushes built images to a registry that a cluster can pull from, as `HOST/PATH/NAME:TAG`.
 *
 * @returns their references there, in the same order.
 */
export async function pushImages(references: readonly string[], registry: string, log: Log): Promise<string[]> {
  const engine = await findEngine(log);
  const pushed: string[] = [];
  for (const reference of references) {
    const target = registryReference(reference, registry);
    log(`pushing ${target} …`);
    await engine.push(reference, target);
    pushed.push(target);
  }
  return pushed;
}

export function registryReference(reference: string, registry: string): string {
  const nameAndTag = reference.slice(reference.lastIndexOf("/") + 1);
  return `${registry.replace(/\/$/, "")}/${nameAndTag}`;
}
