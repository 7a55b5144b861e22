/**
 * One lexical token of a PostgreSQL script. White space is not a token; comments are, because directives live in them.
 *
 * `start` and `end` are UTF-16 offsets into the script, as `String.prototype.slice` takes them.
 */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

export type TokenKind =
  | "word"
  | "quoted-identifier"
  | "string"
  | "dollar-string"
  | "number"
  | "parameter"
  | "operator"
  | "punctuation"
  | "line-comment"
  | "block-comment"
  | "backslash-command";

/** A quote or comment that is never closed: the server could not read the script either. */
export class UnterminatedTokenError extends Error {
  override readonly name = "UnterminatedTokenError";
  readonly kind: TokenKind;
  readonly start: number;

  constructor(kind: TokenKind, what: string, start: number) {
    super(`${what} is never closed`);
    this.kind = kind;
    this.start = start;
  }
}

const whitespace = /[ \t\n\r\f\v]+/y;
const lineComment = /--[^\n\r]*/y;
const blockCommentStart = /\/\*/y;
const blockCommentPart = /\/\*|\*\//g;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const dollarQuote = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const parameter = /\$\d+/y;
const number =
  /0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.(?!\.)[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y;
/** The server refuses one of 64 characters and more; one character further, a comment's beginning is seen whole. */
const operator = /[+\-*/<>=~!@#%^&|`?]{1,65}/y;
const punctuation = /::|:=|\.\.|./sy;
const stringStart = /(?:[eEbBxXnN]|[uU]&)?'/y;
const quotedIdentifierStart = /(?:[uU]&)?"/y;
const backslashCommand = /\\[^\n\r]*/y;
const quoteOrBackslash = /['\\]/g;

/**
 * Splits a script into tokens by the rules of PostgreSQL's own scanner, lazily, so that a caller can stop where the
 * text is no longer SQL.
 *
 * It knows no keyword and refuses no syntax: SQL newer than this code passes unchanged. `backslashEscapes` is the
 * meaning of `'…'` where `standard_conforming_strings` is off.
 *
 * @throws UnterminatedTokenError
 */
export function* lex(text: string, from = 0, backslashEscapes = false): Generator<Token, void, undefined> {
  let position = from;
  while (true) {
    position = skip(whitespace, text, position);
    if (position >= text.length) return;
    const token = tokenAt(text, position, backslashEscapes);
    yield token;
    position = token.end;
  }
}

interface Rule {
  readonly kind: TokenKind;
  /** The ASCII characters that the token may begin with: most rules need not be tried at most characters. */
  readonly first: RegExp;
  /** What the token begins with, or all of it. */
  readonly pattern: RegExp;
  /** Where it ends, if not with the pattern. */
  readonly end?: (text: string, start: number, matchEnd: number, backslashEscapes: boolean) => number;
}

/** In the order in which they are tried: `--` before operators, `E'` and `U&"` before words. */
const rules: readonly Rule[] = [
  { kind: "line-comment", first: /-/, pattern: lineComment },
  { kind: "block-comment", first: /\//, pattern: blockCommentStart, end: blockCommentEnd },
  { kind: "string", first: /[eEbBxXnNuU']/, pattern: stringStart, end: stringEnd },
  { kind: "quoted-identifier", first: /[uU"]/, pattern: quotedIdentifierStart, end: quotedIdentifierEnd },
  { kind: "word", first: /[A-Za-z_]/, pattern: word },
  { kind: "dollar-string", first: /\$/, pattern: dollarQuote, end: dollarStringEnd },
  { kind: "parameter", first: /\$/, pattern: parameter },
  { kind: "number", first: /[\d.]/, pattern: number },
  { kind: "operator", first: /[+\-*/<>=~!@#%^&|`?]/, pattern: operator, end: operatorEnd },
  { kind: "backslash-command", first: /\\/, pattern: backslashCommand },
  { kind: "punctuation", first: /./s, pattern: punctuation },
];

const rulesByFirstCharacter = Array.from({ length: 0x80 }, (_, code) =>
  rules.filter(({ first }) => first.test(String.fromCharCode(code))),
);
/** To PostgreSQL, whatever is not ASCII is a letter. */
const rulesOfLetters = rules.filter(({ kind }) => kind === "word");

function tokenAt(text: string, start: number, backslashEscapes: boolean): Token {
  for (const { kind, pattern, end } of rulesByFirstCharacter[text.charCodeAt(start)] ?? rulesOfLetters) {
    const matchEnd = skip(pattern, text, start);
    if (matchEnd > start) return { kind, start, end: end ? end(text, start, matchEnd, backslashEscapes) : matchEnd };
  }
  // Unreachable: one of them matches any character.
  throw new Error(`no token at offset ${start}`);
}

/** Returns the end of the match at `position`, or `position` where there is none. */
function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.test(text) ? pattern.lastIndex : position;
}

function blockCommentEnd(text: string, start: number): number {
  let depth = 0;
  blockCommentPart.lastIndex = start;
  for (let part = blockCommentPart.exec(text); part !== null; part = blockCommentPart.exec(text)) {
    depth += part[0] === "/*" ? 1 : -1;
    if (depth === 0) return blockCommentPart.lastIndex;
  }
  throw new UnterminatedTokenError("block-comment", "a comment", start);
}

function stringEnd(text: string, start: number, contentStart: number, backslashEscapes: boolean): number {
  const escapes = escapesOf(text.charAt(start), backslashEscapes);
  let end = quotedEnd(text, start, contentStart, "string", escapes);
  // `E'a'` newline `'\''` is one string, and its second part has the escapes of the first.
  for (let next = continuedAt(text, end); next !== undefined; next = continuedAt(text, end)) {
    end = quotedEnd(text, start, next, "string", escapes);
  }
  return end;
}

/** How a quote can be part of what is quoted: not at all, doubled, or also behind a backslash. */
type Escapes = "none" | "doubled" | "backslash";

function escapesOf(first: string, backslashEscapes: boolean): Escapes {
  if (/[bx]/i.test(first)) return "none";
  return /e/i.test(first) || (backslashEscapes && /['n]/i.test(first)) ? "backslash" : "doubled";
}

/** Where a string goes on that has been closed at `end`: behind a quote that only white space with a newline, and line
 *  comments, keep apart from it. */
function continuedAt(text: string, end: number): number | undefined {
  let quote = end;
  let next = end;
  do {
    quote = next;
    next = skip(lineComment, text, skip(whitespace, text, quote));
  } while (next > quote);
  return text.charAt(quote) === "'" && /[\n\r]/.test(text.slice(end, quote)) ? quote + 1 : undefined;
}

function quotedEnd(
  text: string,
  start: number,
  from: number,
  kind: "string" | "quoted-identifier",
  escapes: Escapes,
): number {
  const quote = kind === "string" ? "'" : '"';
  const find =
    escapes === "backslash" ? indexOfQuoteOrBackslash : (source: string, at: number) => source.indexOf(quote, at);
  // A quote that is doubled, and whatever a backslash stands before, belong to the content.
  for (let at = find(text, from); at >= 0; at = find(text, at + 2)) {
    if (text.charAt(at) === quote && (escapes === "none" || text.charAt(at + 1) !== quote)) return at + 1;
  }
  throw new UnterminatedTokenError(kind, kind === "string" ? "a string" : "a quoted identifier", start);
}

function indexOfQuoteOrBackslash(text: string, from: number): number {
  quoteOrBackslash.lastIndex = from;
  return quoteOrBackslash.test(text) ? quoteOrBackslash.lastIndex - 1 : -1;
}

function quotedIdentifierEnd(text: string, start: number, contentStart: number): number {
  return quotedEnd(text, start, contentStart, "quoted-identifier", "doubled");
}

function dollarStringEnd(text: string, start: number, contentStart: number): number {
  const tag = text.slice(start, contentStart);
  const close = text.indexOf(tag, contentStart);
  if (close < 0) throw new UnterminatedTokenError("dollar-string", `a string quoted with ${tag}`, start);
  return close + tag.length;
}

/** An operator ends before a comment, and `a=-1` is `=` and `-1`: PostgreSQL manual, "Lexical Structure", Operators. */
function operatorEnd(text: string, start: number, longestEnd: number): number {
  if (longestEnd - start === 1) return longestEnd;
  const run = text.slice(start, longestEnd);
  const comment = run.search(/--|\/\*/);
  let end = comment > 0 ? start + comment : longestEnd;
  const mayEndInSign = /[~!@#%^&|`?]/.test(text.slice(start, end));
  while (!mayEndInSign && end - start > 1 && /[+-]/.test(text.charAt(end - 1))) end--;
  return end;
}
