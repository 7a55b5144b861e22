import { lex, type Token, UnterminatedTokenError } from "./lexer.ts";
import type { Statement } from "./statements.ts";

/** What stands in place of a secret, in the log and in the history. */
export const mask = "'***'";

/**
 * Replaces every string of a query that another session runs: it is other people's data. The server cuts the text of
 * long queries; what follows an opening quote without an end is left out.
 */
export function maskLiterals(query: string): string {
  let masked = "";
  let copied = 0;
  try {
    for (const { kind, start, end } of lex(query)) {
      if (kind !== "string" && kind !== "dollar-string") continue;
      masked += query.slice(copied, start) + mask;
      copied = end;
    }
    return masked + query.slice(copied);
  } catch (error) {
    if (!(error instanceof UnterminatedTokenError)) throw error;
    return `${masked}${query.slice(copied, error.start)}…`;
  }
}

/**
 * Finds the literals that are secrets by PostgreSQL's own grammar: after `PASSWORD`, and every literal of
 * `CREATE|ALTER SUBSCRIPTION`, `USER MAPPING` and `SERVER`, whose connection strings and options carry passwords.
 */
export function* secretLiterals(text: string, { tokens }: Statement): Generator<Token> {
  const word = (index: number) => {
    const token = tokens[index];
    return token?.kind === "word" ? text.slice(token.start, token.end).toLowerCase() : "";
  };
  const definition = word(0) === "create" || word(0) === "alter";
  const object = `${word(1)} ${word(2)}`;
  const connection = definition && /^(subscription|server|user mapping|foreign server)\b/.test(object);
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "string" && token.kind !== "dollar-string") continue;
    if (connection || word(index - 1) === "password") yield token;
  }
}
