import type { NamedObject } from "./named-object.ts";

/** What the waiter asks of an object that it waits for. */
export const readVerbs = ["get", "list", "watch"] as const;
/** What the recorder asks of the ledger. */
export const recordVerbs = ["get", "patch"] as const;

export function apiGroup(resource: NamedObject["resource"]): string {
  return resource === "jobs" ? "batch" : "";
}

/** The rule of a Role that grants these verbs on one object, and nothing else. */
export function roleRule(
  { resource, name }: Pick<NamedObject, "resource" | "name">,
  verbs: readonly string[] = readVerbs,
): string {
  const list = (texts: readonly string[]) => `[${texts.map((text) => JSON.stringify(text)).join(", ")}]`;
  return `{ apiGroups: ${list([apiGroup(resource)])}, resources: ${list([resource])}, resourceNames: ${list([name])}, verbs: ${list(verbs)} }`;
}
