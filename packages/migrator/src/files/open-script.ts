import { mask } from "../sql/mask-secrets.ts";
import { ScriptWindow } from "../sql/script-window.ts";
import { type Statement, splitStatements } from "../sql/statements.ts";
import { blank, replaceStretches, type Stretch } from "../sql/stretch.ts";
import type { Script } from "./script.ts";
import { isLarge, type ScriptSource, textBetween } from "./script-source.ts";

/** A script whose file is open. */
export interface OpenScript extends Script, Disposable {
  readonly source: ScriptSource;
}

/** A statement of a script, by itself. */
export interface ScriptStatement {
  /** What is sent. */
  readonly sql: string;
  /** Where it begins in the script. */
  readonly start: number;
  /** Which of the script's statements it is, from 1. */
  readonly number: number;
  /** Its tokens are offsets into `text`, which is more than the statement. */
  readonly statement: Statement;
  readonly text: string;
  /** Where in the script the data of its COPY stands. */
  readonly data?: Stretch;
}

/**
 * Opens a script's file when its turn has come.
 *
 * @throws FileChangedError where it is not the file that was parsed
 */
export function openScript(script: Script): OpenScript {
  const source = script.file.open();
  return { ...script, source, [Symbol.dispose]: () => source[Symbol.dispose]() };
}

/** The statements of a script from its beginning; of a large one, few are in memory at a time. */
export function* readStatements({ source, end, psqlCommands }: OpenScript): Generator<ScriptStatement> {
  const window = new ScriptWindow(source.textFrom(0));
  const onComment = ({ start }: Stretch) => (window.start + start >= end ? "stop" : undefined);
  let number = 0;
  for (const statement of splitStatements(window, { onComment })) {
    const { text } = window;
    const start = window.start + statement.start;
    const { data } = statement;
    yield {
      sql: replaceStretches(text.slice(statement.start, statement.end), start, psqlCommands, blank),
      start,
      number: ++number,
      statement,
      text,
      ...(data && { data: { start: window.start + data.start, end: window.start + data.end } }),
    };
  }
}

/** The part to run in one piece, with everything blanked out that is not sent, character for character. */
export function wholeText(script: OpenScript): string {
  const { execution, psqlCommands } = script;
  const ownControl = execution.kind === "transaction" ? execution.ownControl : [];
  return replaceStretches(textToRun(script), 0, inOrder(psqlCommands, ownControl), blank);
}

/** The text that the history keeps, without secrets; `undefined` for a large file, of which it keeps the checksum only. */
export function storedText(script: OpenScript): string | undefined {
  if (isLarge(script.file)) return undefined;
  const secrets = new Set(script.secrets);
  const hidden = inOrder(script.psqlCommands, script.secrets);
  return replaceStretches(textToRun(script), 0, hidden, (text, stretch) => (secrets.has(stretch) ? mask : blank(text)));
}

/** Of an open script's text, part by part, as the server reads it. */
export function* encodedText({ source }: OpenScript, { start, end }: Stretch): Generator<Uint8Array> {
  for (const text of textBetween(source, start, end)) yield* encodedPieces(text);
}

function inOrder(...stretches: readonly (readonly Stretch[])[]): Stretch[] {
  return stretches.flat().sort((left, right) => left.start - right.start);
}

function textToRun({ source, end }: OpenScript): string {
  return [...textBetween(source, 0, end)].join("");
}

const pieceLength = 64 * 1024;

function* encodedPieces(text: string): Generator<Uint8Array> {
  for (let start = 0; start < text.length; ) {
    const end = Math.min(start + pieceLength, text.length);
    // Not between the halves of a surrogate pair.
    const isSplit = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff;
    const pieceEnd = isSplit ? end - 1 : end;
    yield Buffer.from(text.slice(start, pieceEnd));
    start = pieceEnd;
  }
}
