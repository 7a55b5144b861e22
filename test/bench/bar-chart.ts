import type { Summary } from "../../tools/figures/statistics.ts";
import { document, escapeXml, text } from "../../tools/svg/elements.ts";

/** One measure of several programs; the shortest bar is the best. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly format: (value: number) => string;
}

export interface Bar {
  readonly label: string;
  readonly summary: Summary;
  /** The program that the chart is about. */
  readonly highlighted: boolean;
}

const columns = 2;
const panelWidth = 520;
const labelWidth = 120;
const valueWidth = 70;
const rowHeight = 18;
const panelPadding = 44;
const margin = 16;
const titleHeight = 30;
const colours = { highlighted: "#3c7dd4", other: "#c3cad3", spread: "#24292f", quiet: "#57606a" };

/** Draws panels of horizontal bars, medians with a line from the smallest to the largest measurement. */
export function drawBarChart(title: string, panels: readonly Panel[]): string {
  const elements = [text(margin, margin + 10, title, `font-size="14" font-weight="600"`)];
  let top = margin + titleHeight;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    elements.push(...row.flatMap((panel, index) => drawPanel(panel, margin + index * panelWidth, top)));
    top += Math.max(...row.map(({ bars }) => bars.length)) * rowHeight + panelPadding;
  }
  return document({ title, width: columns * panelWidth + 2 * margin, height: top }, elements);
}

function drawPanel({ title, bars, format }: Panel, left: number, top: number): string[] {
  const longest = Math.max(...bars.map(({ summary }) => summary.maximum));
  const start = left + labelWidth;
  const scale = (panelWidth - labelWidth - valueWidth) / longest;
  const sorted = bars.toSorted((one, other) => one.summary.median - other.summary.median);
  const rows = sorted.flatMap(({ label, summary, highlighted }, index) => {
    const y = top + 12 + index * rowHeight;
    const end = (value: number) => (start + value * scale).toFixed(1);
    const tooltip = `${label}: ${format(summary.median)} [${format(summary.minimum)}–${format(summary.maximum)}], ${summary.runs} runs`;
    const colour = highlighted ? colours.highlighted : colours.other;
    const weight = highlighted ? `font-weight="600"` : "";
    return [
      text(start - 6, y + 10, label, `text-anchor="end" ${weight}`),
      `<rect x="${start}" y="${y}" width="${(summary.median * scale).toFixed(1)}" height="${rowHeight - 5}" rx="2" fill="${colour}"><title>${escapeXml(tooltip)}</title></rect>`,
      `<line x1="${end(summary.minimum)}" x2="${end(summary.maximum)}" y1="${y + 6.5}" y2="${y + 6.5}" stroke="${colours.spread}"/>`,
      text(Number(end(summary.maximum)) + 5, y + 10, format(summary.median), `fill="${colours.quiet}" ${weight}`),
    ];
  });
  return [text(left, top + 2, title, `font-weight="600"`), ...rows];
}
