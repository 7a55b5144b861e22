import { type CopyData, copyDataBehind, isCopyFromStdin } from "./copy-data.ts";
import { lex, type Token } from "./lexer.ts";

/** One top-level statement: its tokens without comments and without the closing semicolon. */
export interface Statement {
  /** Never empty: a lone semicolon is no statement. */
  readonly tokens: readonly Token[];
  readonly start: number;
  /** Behind the closing semicolon, or behind the last token where the script ends without one. */
  readonly end: number;
  /** What a `COPY … FROM stdin` reads; it is never lexed. */
  readonly data?: CopyData;
}

/**
 * Splits a script at the semicolons where psql would split it: not inside parentheses, and not inside the
 * `BEGIN ATOMIC … END` body of a function. The data behind a `COPY … FROM stdin` belongs to it.
 *
 * Lazy; what is no part of a statement goes to `handlers` as it is met.
 *
 * @throws UnterminatedTokenError, CopyDataError
 */
export function* splitStatements(text: string, handlers: StatementHandlers = {}): Generator<Statement> {
  let tokens: Token[] = [];
  let parentheses = 0;
  let blocks = 0;
  // `SET standard_conforming_strings` moves the meaning of later strings, so the lexer is restarted behind it.
  let backslashEscapes = false;
  let lexer = lex(text);
  for (let next = lexer.next(); !next.done; next = lexer.next()) {
    const token = next.value;
    if (token.kind === "line-comment" || token.kind === "block-comment") {
      if (handlers.onComment?.(token) === "stop") break;
      continue;
    }
    if (token.kind === "backslash-command") {
      handlers.onBackslashCommand?.(token);
      continue;
    }
    handlers.onToken?.();
    const symbol = token.kind === "punctuation" ? text.slice(token.start, token.end) : "";
    if (symbol === "(") parentheses++;
    else if (symbol === ")") parentheses--;
    else if (token.kind === "word" && isRoutineDefinition(text, tokens)) {
      blocks = blockDepth(text.slice(token.start, token.end).toLowerCase(), blocks);
    }
    if (symbol !== ";" || parentheses > 0 || blocks > 0) {
      tokens.push(token);
      continue;
    }
    parentheses = 0;
    if (tokens.length === 0) continue;
    const statement = statementOf(text, tokens, token.end);
    tokens = [];
    yield statement;
    const escapes: boolean = changedBackslashEscapes(text, statement) ?? backslashEscapes;
    if (statement.data || escapes !== backslashEscapes) {
      backslashEscapes = escapes;
      lexer = lex(text, statement.data?.next ?? token.end, backslashEscapes);
    }
  }
  const last = tokens.at(-1);
  if (last) yield statementOf(text, tokens, last.end);
}

export interface StatementHandlers {
  /** Answers `stop` where the script ends at this comment. */
  readonly onComment?: (comment: Token) => "stop" | undefined;
  /** Called for every token that is neither a comment nor a backslash command. */
  readonly onToken?: () => void;
  readonly onBackslashCommand?: (command: Token) => void;
}

function statementOf(text: string, tokens: readonly Token[], end: number): Statement {
  const statement = { tokens, start: tokens[0]?.start ?? end, end };
  const isCopy = statementWords(text, statement, 1)[0] === "copy" && isCopyFromStdin(statementWords(text, statement));
  return isCopy ? { ...statement, data: copyDataBehind(text, statement.start, end) } : statement;
}

/** The statement's words in lower case, other tokens as they stand: what recognising it by its first words needs. */
export function statementWords(text: string, statement: Statement, limit = Number.POSITIVE_INFINITY): string[] {
  return statement.tokens.slice(0, limit).map((token) => {
    const source = text.slice(token.start, token.end);
    return token.kind === "word" ? source.toLowerCase() : source;
  });
}

function isRoutineDefinition(text: string, tokens: readonly Token[]): boolean {
  if (tokens.length === 0 || tokens[0]?.kind !== "word") return false;
  const first = tokens.slice(0, 4).map((token) => text.slice(token.start, token.end).toLowerCase());
  if (first[0] !== "create") return false;
  const object = first[1] === "or" && first[2] === "replace" ? first[3] : first[1];
  return object === "function" || object === "procedure";
}

/** psql counts the same three words (psqlscan.l): a `CASE` inside the body has an `END` of its own. */
function blockDepth(keyword: string, depth: number): number {
  if (keyword === "begin") return depth + 1;
  if (keyword === "case" && depth > 0) return depth + 1;
  if (keyword === "end" && depth > 0) return depth - 1;
  return depth;
}

/** Tells whether a statement turns `standard_conforming_strings` off (true) or on (false); `undefined`: neither. */
export function changedBackslashEscapes(text: string, statement: Statement): boolean | undefined {
  const words = statementWords(text, statement, 6).filter((word) => word !== "session" && word !== "local");
  if (words[0] !== "set" || words[1] !== "standard_conforming_strings") return undefined;
  return /^'?(off|false|no|0)'?$/.test(words[3] ?? "");
}
