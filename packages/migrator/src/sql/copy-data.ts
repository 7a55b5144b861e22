import type { ScriptWindow } from "./script-window.ts";

/** The data of a `COPY … FROM stdin`, as it stands between the statement and the line `\.`. */
export interface CopyData {
  readonly start: number;
  /** Where the line `\.` begins. */
  readonly end: number;
  /** Where SQL goes on, behind that line. */
  readonly next: number;
}

/** A `COPY … FROM stdin` whose data cannot be told from SQL. */
export class CopyDataError extends Error {
  override readonly name = "CopyDataError";
  readonly start: number;

  constructor(message: string, start: number) {
    super(message);
    this.start = start;
  }
}

/** Tells it by the statement's words. The grammar takes `stdout` for the same (gram.y, `copy_file_name`). */
export function isCopyFromStdin(words: readonly string[]): boolean {
  const isQuery = words[1] === "(";
  return (
    words[0] === "copy" &&
    !isQuery &&
    words.some((word, at) => word === "from" && /^std(in|out)$/.test(words[at + 1] ?? ""))
  );
}

const restOfLine = /[ \t\f\v]*(?:--[^\n\r]*)?(?:\r?\n|$)/y;
// Without the flag `m`, whose lines end at more characters than the server's.
const endOfData = /(?<=\n)\\\.\r?(?=\n|$)/g;
/** The longest text that may be the beginning of such a line, its newline included. */
const longestMarkerStart = "\n\\.\r".length;

/**
 * Finds the data of the statement that stands from `start` to `end` in a window: the lines behind it, which nothing but
 * the line `\.` ends, in every format. Answers `undefined` where the window has to grow first.
 *
 * Data that is not in the window yet is read and left out of it: the result's offsets may lie behind the window's text.
 *
 * psql runs what follows the statement in its own line after the data; that order would surprise, so it is refused.
 *
 * @throws CopyDataError
 */
export function copyDataBehind(window: ScriptWindow, start: number, end: number): CopyData | undefined {
  if (!window.complete && window.text.indexOf("\n", end) < 0) return undefined;
  restOfLine.lastIndex = end;
  if (!restOfLine.test(window.text)) {
    throw new CopyDataError("nothing may follow COPY … FROM stdin in its line: its data begins in the next one", end);
  }
  const dataStart = restOfLine.lastIndex;
  let leftOut = 0;
  while (true) {
    // What is left of searched text has but its newline to say.
    endOfData.lastIndex = leftOut > 0 ? dataStart + 1 : dataStart;
    const marker = endOfData.exec(window.text);
    const next = endOfData.lastIndex;
    if (marker && (window.complete || next < window.text.length)) {
      return { start: dataStart, end: marker.index + leftOut, next: next + leftOut };
    }
    if (window.complete) {
      throw new CopyDataError("the data of this COPY … FROM stdin is not ended by a line \\.", start);
    }
    leftOut = window.leaveOut(dataStart, Math.max(dataStart, window.text.length - longestMarkerStart));
  }
}
