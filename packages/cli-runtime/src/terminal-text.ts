/** True for text that could end a line, move a terminal's cursor or turn around what follows it. */
export function hasControls(text: string): boolean {
  return text.search(controls) !== -1;
}

/**
 * Makes text from elsewhere, such as names of files and sessions, harmless for a terminal: control characters and
 * bidirectional overrides are shown as JSON would write them. Line breaks and tabs stay where `kept` says so.
 *
 * A JSON document, escaped with `"layout"`, is the same document: JSON itself escapes only the controls of ASCII, and
 * terminals obey U+009B as they obey ESC [.
 */
export function escapeControls(text: string, kept: "nothing" | "layout" = "nothing"): string {
  return text.replace(controls, (character) => {
    if (kept === "layout" && (character === "\n" || character === "\t")) return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * How many columns of a terminal a text takes, at most: every character that may be wide, as those of East Asia and
 * emoji are, is taken for two. Terminals disagree about them, and a line that is too short never wraps.
 */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOfCodePoint(character.codePointAt(0) ?? 0);
  return columns;
}

/** Cuts to at most `maxColumns`, between characters; what was cut shows as `…`. */
export function cutToColumns(text: string, maxColumns: number): string {
  if (columnsOf(text) <= maxColumns) return text;
  let kept = "";
  let columns = 1;
  for (const character of text) {
    columns += columnsOfCodePoint(character.codePointAt(0) ?? 0);
    if (columns > maxColumns) break;
    kept += character;
  }
  return maxColumns > 0 ? `${kept}…` : "";
}

/** The first wide ones are Hangul Jamo; the block of general punctuation has our own `…`. */
function columnsOfCodePoint(codePoint: number): 1 | 2 {
  const isPunctuation = codePoint >= 0x2000 && codePoint <= 0x206f;
  return codePoint < 0x1100 || isPunctuation ? 1 : 2;
}
