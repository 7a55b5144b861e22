import { escapeXml, text } from "../svg/elements.ts";
import type { Saying } from "./sayings.ts";
import type { Lane } from "./timeline.ts";

/** Where a moment is, from the left. */
export type Scale = (at: number) => number;

const rowHeight = 14;
const fontSize = 10;
/** On average. */
const characterWidth = 5.5;
/** Of a text, in characters; the whole is its tooltip. */
const longest = 110;

/** Writes each saying beside its moment, between two edges, in as few rows from `top` on as there is room for. */
export function sayingRows(
  sayings: readonly Saying[],
  x: Scale,
  { top, left, right }: { readonly top: number; readonly left: number; readonly right: number },
): { elements: string[]; height: number } {
  const rowEnds: number[] = [];
  const elements = sayings.flatMap((saying) => {
    const at = x(saying.at);
    const full = Math.min(longest, saying.text.length) * characterWidth;
    const isBehind = at + full <= right || right - at >= at - left;
    const shown = cut(saying.text, Math.min(longest, Math.floor((isBehind ? right - at : at - left) / characterWidth)));
    const begin = isBehind ? at : at - shown.length * characterWidth;
    const free = rowEnds.findIndex((end) => end <= begin);
    const row = free === -1 ? rowEnds.length : free;
    rowEnds[row] = begin + shown.length * characterWidth + 12;
    const y = top + row * rowHeight;
    const style = `font-size="${fontSize}" fill="#57606a"`;
    return [
      tick(at, y, rowHeight - 3, saying),
      isBehind ? text(at + 5, y + 10, shown, style) : text(at - 4, y + 10, shown, `${style} text-anchor="end"`),
    ];
  });
  return { elements, height: rowEnds.length * rowHeight };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

/** Marks in a pod's lane what it could read of its migrations while it waited: from when on, each once. */
export function sayingTicks(lane: Lane, sayings: readonly Saying[], x: Scale, y: number, height: number): string[] {
  const waits = lane.spans.filter(({ state }) => state === "waiting" || state === "refused");
  return sayings.flatMap((saying) => {
    const wait = waits.find(({ from, to }) => from < saying.to && saying.at < to);
    if (!wait || !lane.awaits.includes(saying.identity)) return [];
    return tick(x(Math.max(saying.at, wait.from)), y, height, saying);
  });
}

function tick(left: number, y: number, height: number, { text }: Saying): string {
  const title = `<title>${escapeXml(text)}</title>`;
  return `<rect x="${left.toFixed(1)}" y="${y}" width="1.5" height="${height}" fill="#1f2328">${title}</rect>`;
}
