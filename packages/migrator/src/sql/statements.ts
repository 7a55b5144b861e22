import { type CopyData, copyDataBehind, isCopyFromStdin } from "./copy-data.ts";
import { lex, type Token, UnterminatedTokenError } from "./lexer.ts";
import { ScriptWindow } from "./script-window.ts";

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
 * Lazy; what is no part of a statement goes to `handlers` as it is met. All offsets are into the window's text: where it
 * moves over a large script, they hold until the next statement is asked for.
 *
 * @throws UnterminatedTokenError, CopyDataError
 */
export function* splitStatements(
  script: string | ScriptWindow,
  handlers: StatementHandlers = {},
): Generator<Statement> {
  const window = typeof script === "string" ? ScriptWindow.over(script) : script;
  const handlersOnce = new HandlersOnce(window, handlers);
  // `SET standard_conforming_strings` moves the meaning of later strings.
  let backslashEscapes = false;
  while (true) {
    const statement = nextStatement(window, backslashEscapes, handlersOnce);
    if (statement === "end") return;
    if (statement === "incomplete") {
      window.grow();
      continue;
    }
    yield statement;
    if (handlersOnce.stopped) return;
    backslashEscapes = changedBackslashEscapes(window.text, statement) ?? backslashEscapes;
    window.moveTo(statement.data?.next ?? statement.end);
  }
}

export interface StatementHandlers {
  /** Answers `stop` where the script ends at this comment. */
  readonly onComment?: (comment: Token) => "stop" | undefined;
  /** Called where a comment, a command or a statement's end has something else before it. */
  readonly onToken?: () => void;
  readonly onBackslashCommand?: (command: Token) => void;
}

/** A statement that the window must grow for is read again from its beginning, and may have met comments by then. */
class HandlersOnce {
  readonly onToken: StatementHandlers["onToken"];
  readonly #window: ScriptWindow;
  readonly #handlers: StatementHandlers;
  #handled = 0;
  #stoppedAt: number | undefined;

  constructor(window: ScriptWindow, handlers: StatementHandlers) {
    this.#window = window;
    this.#handlers = handlers;
    this.onToken = handlers.onToken;
  }

  get stopped(): boolean {
    return this.#stoppedAt !== undefined;
  }

  /** Hands on comments and commands, up to the comment at which the script ends. */
  onAsides(asides: readonly Token[], isBehindToken: boolean): "stop" | undefined {
    // Not earlier: without a second one behind it, what seems to be an operator may be the beginning of a comment.
    if (isBehindToken) this.onToken?.();
    return asides.some((aside) => this.#onAside(aside) === "stop") ? "stop" : undefined;
  }

  #onAside(aside: Token): "stop" | undefined {
    const at = this.#window.start + aside.start;
    if (this.#isNew(aside)) {
      if (aside.kind === "backslash-command") this.#handlers.onBackslashCommand?.(aside);
      else if (this.#handlers.onComment?.(aside) === "stop") this.#stoppedAt = at;
    }
    return at === this.#stoppedAt ? "stop" : undefined;
  }

  #isNew({ start, end }: Token): boolean {
    if (this.#window.start + start < this.#handled) return false;
    this.#handled = this.#window.start + end;
    return true;
  }
}

/**
 * What a `;` ends is certain whatever follows it, and so is a comment or command with another token behind it: only these
 * are answered or handled while the window is not complete. Without that token a comment may still go on, or be part of
 * a string that the next line continues.
 */
function nextStatement(
  window: ScriptWindow,
  backslashEscapes: boolean,
  handlers: HandlersOnce,
): Statement | "end" | "incomplete" {
  const { text, complete } = window;
  const tokens: Token[] = [];
  let asides: Token[] = [];
  let hasToken = false;
  let parentheses = 0;
  let blocks = 0;
  try {
    for (const token of lex(text, window.position, backslashEscapes)) {
      if (token.kind === "line-comment" || token.kind === "block-comment" || token.kind === "backslash-command") {
        asides.push(token);
        continue;
      }
      if (asides.length > 0 && handlers.onAsides(asides, hasToken) === "stop") return lastStatement(window, tokens);
      asides = [];
      hasToken = true;
      const symbol = token.kind === "punctuation" ? text.slice(token.start, token.end) : "";
      if (symbol === "(") parentheses++;
      else if (symbol === ")") parentheses = Math.max(0, parentheses - 1);
      else if (token.kind === "word" && parentheses === 0) blocks = blockDepth(text, tokens, token, blocks);
      if (symbol !== ";" || parentheses > 0 || blocks > 0) {
        tokens.push(token);
        continue;
      }
      handlers.onToken?.();
      parentheses = 0;
      if (tokens.length > 0) return statementOf(window, tokens, token.end);
    }
  } catch (error) {
    if (!(error instanceof UnterminatedTokenError)) throw error;
    if (!complete) return "incomplete";
    // What cannot be read may stand behind the end of the script.
    if (handlers.onAsides(asides, hasToken) === "stop") return lastStatement(window, tokens);
    throw error;
  }
  if (!complete) return "incomplete";
  handlers.onAsides(asides, hasToken);
  return lastStatement(window, tokens);
}

function lastStatement(window: ScriptWindow, tokens: readonly Token[]): Statement | "end" | "incomplete" {
  const last = tokens.at(-1);
  return last ? statementOf(window, tokens, last.end) : "end";
}

function statementOf(window: ScriptWindow, tokens: readonly Token[], end: number): Statement | "incomplete" {
  const { text } = window;
  const statement = { tokens, start: tokens[0]?.start ?? end, end };
  const isCopy = statementWords(text, statement, 1)[0] === "copy" && isCopyFromStdin(statementWords(text, statement));
  if (!isCopy) return statement;
  const data = copyDataBehind(window, statement.start, end);
  return data ? { ...statement, data } : "incomplete";
}

/** The statement's words in lower case, other tokens as they stand: what recognising it by its first words needs. */
export function statementWords(text: string, statement: Statement, limit = Number.POSITIVE_INFINITY): string[] {
  return statement.tokens.slice(0, limit).map((token) => {
    const source = text.slice(token.start, token.end);
    return token.kind === "word" ? source.toLowerCase() : source;
  });
}

/**
 * How many `END` a routine's `BEGIN ATOMIC` body still needs behind this word: a `CASE` inside it has one of its own.
 *
 * psql takes every BEGIN for the beginning of a body (psqlscan.l), so also a column's or a function's name.
 */
function blockDepth(text: string, before: readonly Token[], token: Token, depth: number): number {
  if (depth === 0) return isBodyStart(text, before, token) ? 1 : 0;
  const keyword = wordAt(text, token);
  if (keyword !== "case" && keyword !== "end") return depth;
  const previous = wordAt(text, before.at(-1));
  const isLabel = previous === "as" || previous === ".";
  if (isLabel) return depth;
  return keyword === "case" ? depth + 1 : depth - 1;
}

function isBodyStart(text: string, before: readonly Token[], token: Token): boolean {
  if (token.end - token.start !== "atomic".length || wordAt(text, token) !== "atomic") return false;
  if (wordAt(text, before.at(-1)) !== "begin") return false;
  const [first, second, third, fourth] = before.slice(0, 4).map((word) => wordAt(text, word));
  const object = second === "or" && third === "replace" ? fourth : second;
  return first === "create" && (object === "function" || object === "procedure");
}

function wordAt(text: string, token: Token | undefined): string {
  return token ? text.slice(token.start, token.end).toLowerCase() : "";
}

/**
 * Tells whether a statement turns `standard_conforming_strings` off (true) or on (false); `undefined`: neither.
 *
 * The values are those of the server's `parse_bool`, which takes every beginning of a word that means one value only.
 */
export function changedBackslashEscapes(text: string, statement: Statement): boolean | undefined {
  const [verb] = statementWords(text, statement, 1);
  if (verb !== "set" && verb !== "reset") return undefined;
  const words = statementWords(text, statement, 6).filter((word) => word !== "session" && word !== "local");
  if (verb === "reset") return words[1] === "all" || words[1] === "standard_conforming_strings" ? false : undefined;
  if (words[1] !== "standard_conforming_strings") return undefined;
  return /^'?(f|fa|fal|fals|false|n|no|of|off|0)'?$/i.test(words[3] ?? "");
}
