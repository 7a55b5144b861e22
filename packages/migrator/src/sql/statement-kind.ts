import { type Statement, statementWords } from "./statements.ts";

/** What a statement is to the one who runs it; everything unremarkable is `ordinary`. */
export type StatementKind =
  | "ordinary"
  /** Opens a transaction block. */
  | "begin"
  /** Closes a transaction block and keeps its work. */
  | "commit"
  /** Transaction control that has no place in a migration: it would undo work or leave it half-open. */
  | "other-transaction-control"
  /** Must be the first statement of its transaction. */
  | "set-transaction"
  /** Refused by the server inside a transaction block. */
  | "outside-transaction";

/** Recognises a statement by its words. Whatever is not recognised is `ordinary`: newer syntax must still run. */
export function statementKind(text: string, statement: Statement): StatementKind {
  const words = statementWords(text, statement);
  const [first = "", second = ""] = words;
  switch (first) {
    case "begin":
      return "begin";
    case "start":
      return second === "transaction" ? "begin" : "ordinary";
    case "commit":
    case "end":
      return second === "prepared" || (words.includes("chain") && !words.includes("no"))
        ? "other-transaction-control"
        : "commit";
    case "rollback":
      return words.includes("to") ? "ordinary" : "other-transaction-control";
    case "abort":
      return "other-transaction-control";
    case "prepare":
      return second === "transaction" ? "other-transaction-control" : "ordinary";
    case "set":
      return second === "transaction" ? "set-transaction" : "ordinary";
    default:
      return isRefusedInTransaction(words) ? "outside-transaction" : "ordinary";
  }
}

/** The statements that call `PreventInTransactionBlock` in PostgreSQL's sources, 15 to 18. */
function isRefusedInTransaction(words: readonly string[]): boolean {
  const [first = "", second = ""] = words;
  const has = (word: string) => words.includes(word);
  switch (first) {
    case "vacuum":
      return true;
    case "create":
      if (second === "database" || second === "tablespace") return true;
      if (second === "subscription") return createsReplicationSlot(words);
      return isIndexDefinition(words) && has("concurrently");
    case "drop":
      return ["database", "tablespace", "subscription"].includes(second) || (second === "index" && has("concurrently"));
    case "reindex":
      return has("concurrently") || has("schema") || has("database") || has("system");
    case "alter":
      if (second === "system") return true;
      if (second === "database") return has("tablespace");
      if (second === "subscription") return has("refresh") || has("publication");
      return second === "table" && has("detach") && has("concurrently");
    case "cluster":
      return words.length === 1 || (words.length === 2 && second === "verbose");
    case "discard":
      return second === "all";
    default:
      return false;
  }
}

/** `CREATE [UNIQUE] INDEX …`, whatever its name and target. */
export function isIndexDefinition(words: readonly string[]): boolean {
  return words[0] === "create" && (words[1] === "index" || (words[1] === "unique" && words[2] === "index"));
}

function createsReplicationSlot(words: readonly string[]): boolean {
  const off = (option: string) => /^'?(false|off|0)'?$/.test(words[words.indexOf(option) + 2] ?? "");
  return !((words.includes("create_slot") && off("create_slot")) || (words.includes("connect") && off("connect")));
}
