import { type Statement, statementWords } from "./statements.ts";
import { refusalByWords } from "./transaction-refusal.ts";

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

/**
 * Recognises a statement by its words. Whatever is not recognised is `ordinary`: newer syntax must still run.
 *
 * `refused` is what a better judge says about a suspicious statement.
 */
export function statementKind(text: string, statement: Statement, refused?: boolean): StatementKind {
  return kindByWords(statementWords(text, statement), refused);
}

/** As `statementKind`, by the statement's words. */
export function kindByWords(words: readonly string[], refused?: boolean): StatementKind {
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
      return (refused ?? refusalByWords(words).refused) ? "outside-transaction" : "ordinary";
  }
}

/** True where a statement's words leave it open whether it is refused in a transaction. */
export function isSuspicious(words: readonly string[]): boolean {
  return !refusalByWords(words).certain;
}
