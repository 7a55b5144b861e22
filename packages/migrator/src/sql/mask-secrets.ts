import { lex, type Token, UnterminatedTokenError } from "./lexer.ts";
import { countCharacters, type Location, offsetOfCharacter } from "./place.ts";
import type { Statement } from "./statements.ts";
import { replaceStretches, type Stretch } from "./stretch.ts";

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
    for (const token of lex(query)) {
      if (!isString(token)) continue;
      masked += query.slice(copied, token.start) + mask;
      copied = token.end;
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
    if (!isString(token)) continue;
    if (connection || word(index - 1) === "password") yield token;
  }
}

/** The same place in its line, as it is shown: without secrets, and its column counted in what is left. */
export function maskLine(location: Location, secrets: readonly Stretch[]): Location {
  const { lineText, lineStart, column } = location;
  const at = offsetOfCharacter(lineText, column - 1);
  const masked = (from: number, to: number) =>
    replaceStretches(lineText.slice(from, to), lineStart + from, secrets, () => mask);
  const before = masked(0, at);
  return { ...location, lineText: before + masked(at, lineText.length), column: countCharacters(before) + 1 };
}

/** Hides what stands after `PASSWORD` in words of the server that quote a statement, as of a function's dynamic SQL. */
export function maskQuoted(words: string): string {
  let masked = "";
  let copied = 0;
  for (const { 0: keyword, index } of words.matchAll(/\bpassword\b/gi)) {
    const literal = index < copied ? undefined : literalAt(words, index + keyword.length);
    if (!literal) continue;
    masked += words.slice(copied, literal.start) + mask;
    copied = literal.end;
  }
  return masked + words.slice(copied);
}

/** The string that comes next, behind white space and comments. */
function literalAt(text: string, from: number): Stretch | undefined {
  try {
    for (const token of lex(text, from)) {
      if (token.kind !== "line-comment" && token.kind !== "block-comment") return isString(token) ? token : undefined;
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof UnterminatedTokenError)) throw error;
    // The server may have cut the text, and the literal's end with it.
    return isString(error) ? { start: error.start, end: text.length } : undefined;
  }
}

function isString({ kind }: Pick<Token, "kind">): boolean {
  return kind === "string" || kind === "dollar-string";
}
