/** Where something is in a file, for people: both count from 1, and columns count characters (code points). */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place, with the whole line that it is in. */
export interface Location extends Place {
  readonly lineText: string;
  /** Its UTF-16 offset. */
  readonly lineStart: number;
}

/** Finds the place of a UTF-16 offset, as the lexer's tokens carry it, in a text that comes in chunks. */
export function locate(chunks: Iterable<string>, offset: number): Location {
  let line = 1;
  let lineStart = 0;
  let lineText = "";
  let chunkStart = 0;
  const locationIn = (lineText: string): Location => ({
    line,
    column: countCharacters(lineText.slice(0, offset - lineStart)) + 1,
    lineText,
    lineStart,
  });
  for (const chunk of chunks) {
    let from = 0;
    for (let newline = chunk.indexOf("\n"); newline >= 0; newline = chunk.indexOf("\n", from)) {
      if (chunkStart + newline >= offset) return locationIn(lineText + chunk.slice(from, newline));
      line++;
      from = newline + 1;
      lineStart = chunkStart + from;
      lineText = "";
    }
    lineText += chunk.slice(from);
    chunkStart += chunk.length;
  }
  return locationIn(lineText);
}

/** Finds the lines of offsets, in any order, by going through the text once. */
export function linesOfOffsets(chunks: Iterable<string>, offsets: readonly number[]): number[] {
  const lines: number[] = [];
  const missing = [...offsets.entries()].sort(([, left], [, right]) => right - left);
  let line = 1;
  let chunkStart = 0;
  for (const chunk of chunks) {
    if (missing.length === 0) break;
    for (let from = 0; ; line++) {
      const newline = chunk.indexOf("\n", from);
      const lineEnd = chunkStart + (newline < 0 ? chunk.length : newline);
      for (let next = missing.at(-1); next && next[1] <= lineEnd; next = missing.at(-1)) {
        lines[next[0]] = line;
        missing.pop();
      }
      if (newline < 0) break;
      from = newline + 1;
    }
    chunkStart += chunk.length;
  }
  for (const [index] of missing) lines[index] = line;
  return lines;
}

/** Finds where a line begins, counting from 1; `undefined` where the text has no such line, or nothing in it. */
export function offsetOfLine(chunks: Iterable<string>, line: number): number | undefined {
  let newlines = 0;
  let lineStart = 0;
  let chunkStart = 0;
  for (const chunk of chunks) {
    for (let at = chunk.indexOf("\n"); newlines < line - 1 && at >= 0; at = chunk.indexOf("\n", at + 1)) {
      newlines++;
      lineStart = chunkStart + at + 1;
    }
    chunkStart += chunk.length;
    if (newlines === line - 1 && chunkStart > lineStart) return lineStart;
  }
  return undefined;
}

/** Turns a count of characters, as PostgreSQL's `position` has it, into a UTF-16 offset. */
export function offsetOfCharacter(text: string, characters: number): number {
  let offset = 0;
  for (let count = 0; count < characters && offset < text.length; count++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The line with a caret under the column, for a log or a terminal. */
export function excerpt({ lineText, column }: Location): string {
  // Generated SQL has lines of megabytes: show the neighbourhood.
  const from = Math.max(0, column - 1 - 100);
  const shown = [...lineText.replace(/\r$/, "")].slice(from, from + 160).join("");
  const pad = [...shown]
    .slice(0, column - 1 - from)
    .map((character) => (character === "\t" ? "\t" : " "))
    .join("");
  return `${shown}\n${pad}^`;
}
