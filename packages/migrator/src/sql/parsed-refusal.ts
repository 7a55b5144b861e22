import type { ParseNode } from "./postgres-parser.ts";

/**
 * Judges a suspicious statement by its parse tree.
 *
 * @see refusalByWords
 */
export function refusalOfNode({ name, fields }: ParseNode): boolean {
  switch (name) {
    case "AlterTableStmt":
      return nodes(fields["cmds"], "AlterTableCmd").some(({ subtype, def }) => {
        const [partition] = nodes([def], "PartitionCmd");
        return subtype === "AT_DetachPartition" && partition?.["concurrent"] === true;
      });
    case "AlterDatabaseStmt":
      return option(fields, "tablespace") !== undefined;
    case "AlterSubscriptionStmt":
      return refusalOfAlterSubscription(fields);
    case "CreateSubscriptionStmt":
      return truth(fields, "create_slot", true) && truth(fields, "connect", true);
    case "ReindexStmt":
      return several.has(String(fields["kind"])) || truth(fields, "concurrently", false, "params");
    case "ClusterStmt":
      return fields["relation"] === undefined;
    // Such as RENAME TO, or SET of a configuration parameter, which begin with the same words.
    default:
      return false;
  }
}

const several = new Set(["REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE"]);

function refusalOfAlterSubscription(fields: ParseNode["fields"]): boolean {
  switch (fields["kind"]) {
    case "ALTER_SUBSCRIPTION_REFRESH":
      return true;
    case "ALTER_SUBSCRIPTION_SET_PUBLICATION":
    case "ALTER_SUBSCRIPTION_ADD_PUBLICATION":
    case "ALTER_SUBSCRIPTION_DROP_PUBLICATION":
      return truth(fields, "refresh", true);
    default:
      return option(fields, "failover") !== undefined || option(fields, "two_phase") !== undefined;
  }
}

function option(fields: ParseNode["fields"], wanted: string, list = "options"): ParseNode["fields"] | undefined {
  return nodes(fields[list], "DefElem").find(({ defname }) => defname === wanted);
}

/** As PostgreSQL's `defGetBoolean` reads an option: without a value it is true. */
function truth(fields: ParseNode["fields"], wanted: string, otherwise: boolean, list?: string): boolean {
  const found = option(fields, wanted, list);
  if (!found) return otherwise;
  const [text] = nodes([found["arg"]], "String");
  const [number] = nodes([found["arg"]], "Integer");
  const [type] = nodes([found["arg"]], "TypeName");
  if (number) return number["ival"] !== undefined;
  const value = text?.["sval"] ?? nodes(type?.["names"], "String").at(0)?.["sval"] ?? "true";
  return !/^(false|off)$/i.test(String(value));
}

/** The fields of the nodes of one name in a list of the tree. */
function nodes(list: unknown, name: string): ParseNode["fields"][] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((node: unknown) => {
    const fields = (node as Readonly<Record<string, ParseNode["fields"]>> | undefined)?.[name];
    return fields === undefined ? [] : [fields];
  });
}
