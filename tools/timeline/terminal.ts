import { styleText } from "node:util";
import type { Lane, LaneState, Timeline } from "./timeline.ts";

const glyphs: Record<LaneState, readonly [glyph: string, colour: Parameters<typeof styleText>[0]]> = {
  pending: ["·", "gray"],
  waiting: ["░", "yellow"],
  refused: ["x", "red"],
  starting: ["▒", "cyan"],
  ready: ["█", "green"],
  terminating: ["-", "gray"],
  running: ["=", "blue"],
  complete: ["✓", "green"],
  failed: ["✗", "red"],
};

const labelWidth = 26;

/**
 * Draws a timeline for a terminal of `columns` characters: a line for each Job and pod, then what the ledger said, requests
 * and failures.
 */
export function drawTerminal(timeline: Timeline, columns: number): string {
  const width = Math.max(20, columns - labelWidth - 1);
  const step = Math.max(1, timeline.to - timeline.from) / width;
  const cells = Array.from({ length: width }, (_, index) => timeline.from + (index + 0.5) * step);
  const lanes = timeline.lanes.map((lane) => row(shortName(lane), cells.map((at) => cell(lane, at)).join("")));
  const counts = cells.map((at) =>
    timeline.load
      .filter((second) => Math.abs(second.at + 500 - at) <= Math.max(500, step / 2))
      .reduce((sum, second) => ({ answered: sum.answered + second.answered, failed: sum.failed + second.failed }), {
        answered: 0,
        failed: 0,
      }),
  );
  return [
    row("", ruler(timeline, width)),
    row(
      "helm",
      marksLine(
        timeline,
        width,
        timeline.marks.map((mark, index) => [mark.at, String(index + 1)]),
      ),
    ),
    ...lanes,
    row(
      "ledger",
      marksLine(
        timeline,
        width,
        timeline.sayings.map(({ at }, index) => [at, letter(index)]),
      ),
    ),
    row("requests answered", counts.map(({ answered }) => (answered > 0 ? styleText("green", "▪") : " ")).join("")),
    row("requests failed", counts.map(({ failed }) => (failed > 0 ? styleText("red", "✗") : " ")).join("")),
    "",
    ...timeline.marks.map(
      (mark, index) => `  ${index + 1}  ${seconds(mark.at - timeline.from).padStart(5)}  ${mark.label}`,
    ),
    "",
    ...timeline.sayings.map(
      ({ at, text }, index) => `  ${letter(index)}  ${seconds(at - timeline.from).padStart(5)}  ledger: ${text}`,
    ),
    "",
    legend(),
  ].join("\n");
}

/** `blog-migrations-0a1b2c3d4e` and `blog-5c9f4-x7k2p` without what all of them share. */
export function shortName(lane: Lane): string {
  const end = lane.name
    .split("-")
    .slice(lane.kind === "Job" ? -1 : -2)
    .join("-");
  return `${lane.kind} ${end}`;
}

function row(label: string, content: string): string {
  return `${label.slice(0, labelWidth).padEnd(labelWidth)} ${content}`;
}

function cell(lane: Lane, at: number): string {
  const span = lane.spans.find((candidate) => candidate.from <= at && at < candidate.to);
  if (!span) return " ";
  const [glyph, colour] = glyphs[span.state];
  return styleText(colour, glyph);
}

function ruler(timeline: Timeline, width: number): string {
  const labels = Array.from({ length: Math.floor(width / 10) }, (_, index) =>
    seconds(((timeline.to - timeline.from) * index * 10) / width).padEnd(10),
  );
  return labels.join("");
}

function marksLine(
  timeline: Timeline,
  width: number,
  marks: readonly (readonly [at: number, label: string])[],
): string {
  const line = Array.from({ length: width }, () => " ");
  for (const [at, label] of marks) {
    const position = Math.round(((at - timeline.from) / Math.max(1, timeline.to - timeline.from)) * (width - 1));
    line[position] = label;
  }
  return line.join("");
}

/** a to z, and again. */
function letter(index: number): string {
  return String.fromCharCode(97 + (index % 26));
}

function legend(): string {
  return Object.entries(glyphs)
    .map(([state, [glyph, colour]]) => `${styleText(colour, glyph)} ${state}`)
    .join("  ");
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)}s`;
}
