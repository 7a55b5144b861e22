/** Where something is in a file, for people: both count from 1, and columns count characters (code points). */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds the place of a UTF-16 offset, as the lexer's tokens carry it. */
export function placeOfOffset(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: countNewlines(before) + 1, column: countCharacters(before.slice(lineStart)) + 1 };
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
export function excerpt(text: string, place: Place): string {
  const line = lineOf(text, place.line).replace(/\r$/, "");
  // Generated SQL has lines of megabytes: show the neighbourhood.
  const from = Math.max(0, place.column - 1 - 100);
  const shown = [...line].slice(from, from + 160).join("");
  const pad = [...shown]
    .slice(0, place.column - 1 - from)
    .map((character) => (character === "\t" ? "\t" : " "))
    .join("");
  return `${shown}\n${pad}^`;
}

/** Without splitting the whole: it may be a dump. */
function lineOf(text: string, line: number): string {
  let start = 0;
  for (let count = 1; count < line; count++) start = text.indexOf("\n", start) + 1;
  const end = text.indexOf("\n", start);
  return text.slice(start, end < 0 ? text.length : end);
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
