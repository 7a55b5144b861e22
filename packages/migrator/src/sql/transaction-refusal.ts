/** What a statement's words tell about whether PostgreSQL refuses it inside a transaction block. */
export interface Refusal {
  readonly refused: boolean;
  /** False where an option or a subcommand decides, which the same words elsewhere in the statement would look like. */
  readonly certain: boolean;
}

/**
 * Judges a statement by its words in lower case: the callers of `PreventInTransactionBlock` in the sources of
 * PostgreSQL 15 to 18.
 *
 * Two of them depend on the database and are judged allowed: `REINDEX TABLE` and `CLUSTER` of a partitioned table.
 */
export function refusalByWords(words: readonly string[]): Refusal {
  const [first = "", second = "", third = ""] = words;
  const has = (...wanted: readonly string[]) => wanted.some((word) => words.includes(word));
  switch (first) {
    case "vacuum":
      return certain(true);
    case "discard":
      return certain(second === "all");
    case "create":
      if (second === "subscription") return has("with") ? suspicious(createsReplicationSlot(words)) : certain(true);
      return certain(isObjectOfTheServer(second) || isConcurrentIndex(words));
    case "drop":
      return certain(
        isObjectOfTheServer(second) || second === "subscription" || (second === "index" && third === "concurrently"),
      );
    case "reindex":
      return second === "(" ? suspicious(has("concurrently", ...severalTables)) : certain(isWideReindex(second, third));
    case "cluster":
      return second === "("
        ? suspicious(words.at(-1) === ")")
        : certain(words.length === 1 || (words.length === 2 && second === "verbose"));
    case "alter":
      return refusalOfAlter(second, has);
    default:
      return certain(false);
  }
}

function refusalOfAlter(object: string, has: (...words: readonly string[]) => boolean): Refusal {
  switch (object) {
    case "system":
      return certain(true);
    case "database":
      return has("tablespace") ? suspicious(true) : certain(false);
    case "subscription":
      return has("publication", "failover", "two_phase") ? suspicious(true) : certain(false);
    case "table":
      return has("detach") && has("concurrently") ? suspicious(true) : certain(false);
    default:
      return certain(false);
  }
}

const certain = (refused: boolean): Refusal => ({ refused, certain: true });
const suspicious = (refused: boolean): Refusal => ({ refused, certain: false });

const severalTables = ["schema", "database", "system"];

function isWideReindex(kind: string, next: string): boolean {
  return severalTables.includes(kind) || next === "concurrently";
}

function isObjectOfTheServer(object: string): boolean {
  return object === "database" || object === "tablespace";
}

/** `CONCURRENTLY` is a keyword that no index can have as its bare name, so its place decides. */
function isConcurrentIndex(words: readonly string[]): boolean {
  return isIndexDefinition(words) && words[words[1] === "unique" ? 3 : 2] === "concurrently";
}

/** `CREATE [UNIQUE] INDEX …`, whatever its name and target. */
export function isIndexDefinition(words: readonly string[]): boolean {
  return words[0] === "create" && (words[1] === "index" || (words[1] === "unique" && words[2] === "index"));
}

function createsReplicationSlot(words: readonly string[]): boolean {
  const off = (option: string) => /^'?(false|off|0)'?$/.test(words[words.indexOf(option) + 2] ?? "");
  return !((words.includes("create_slot") && off("create_slot")) || (words.includes("connect") && off("connect")));
}
