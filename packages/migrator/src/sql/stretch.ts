/** From where to where something stands in a script, as UTF-16 offsets. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * Replaces stretches of a script in a text that begins at `textStart` there. `stretches` are in order, and do not
 * overlap; of one that is not all in the text, the part that is counts.
 */
export function replaceStretches(
  text: string,
  textStart: number,
  stretches: readonly Stretch[],
  replace: (source: string, stretch: Stretch) => string,
): string {
  const pieces: string[] = [];
  let copied = 0;
  for (const stretch of stretches) {
    const start = Math.max(0, stretch.start - textStart);
    const end = Math.min(text.length, stretch.end - textStart);
    if (start >= end) continue;
    pieces.push(text.slice(copied, start), replace(text.slice(start, end), stretch));
    copied = end;
  }
  return copied === 0 ? text : [...pieces, text.slice(copied)].join("");
}

/** Blanks source out by spaces, one for each UTF-16 unit, newlines kept. */
export function blank(source: string): string {
  return source.replace(/[^\n]/g, " ");
}
