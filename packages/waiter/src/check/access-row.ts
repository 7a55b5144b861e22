import type { NamedObject } from "../api/named-object.ts";
import { readVerbs, recordVerbs, roleRule } from "../api/role-rule.ts";
import type { CheckRow } from "./check-row.ts";

/** What may be done with an object, verb by verb; `undefined`: the API server did not say. */
export type Grants = ReadonlyMap<string, boolean | undefined>;

export type Role = "wait" | "record";

export function neededVerbs(role: Role): readonly string[] {
  return role === "wait" ? readVerbs : recordVerbs;
}

/**
 * Judges the access to one object. A waiter that may only `get` polls, one that may only `list` reads by that; a recorder
 * needs all of its verbs.
 */
export function accessRow(role: Role, object: NamedObject, grants: Grants, account = "of this pod"): CheckRow {
  const name = `${object.resource}/${object.name}`;
  const verbs = neededVerbs(role);
  const missing = verbs.filter((verb) => grants.get(verb) === false);
  const granted = verbs.filter((verb) => grants.get(verb) === true);
  const unknown = verbs.filter((verb) => grants.get(verb) === undefined);
  if (missing.length > 0) {
    const enough = role === "wait" && (granted.includes("get") || granted.includes("list"));
    const poll = enough ? " (wait polls instead)" : "";
    const detail = `may not ${missing.join(", ")}${poll}: the service account ${account} needs a RoleBinding in namespace ${object.namespace} to a Role with the rule ${roleRule(object, verbs)}`;
    return { name, result: enough ? "warn" : "fail", detail };
  }
  if (unknown.length > 0) {
    return {
      name,
      result: "warn",
      detail: `whether it may ${unknown.join(", ")} could not be asked of the API server`,
    };
  }
  return { name, result: "ok", detail: `may ${verbs.join(", ")}` };
}
