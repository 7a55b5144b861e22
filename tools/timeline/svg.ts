import { document, escapeXml, text } from "../svg/elements.ts";
import { type Scale, sayingRows, sayingTicks } from "./svg-sayings.ts";
import { shortName } from "./terminal.ts";
import type { Lane, LaneState, Timeline } from "./timeline.ts";

const colours: Record<LaneState, string> = {
  pending: "#d0d4da",
  waiting: "#f2b134",
  refused: "#d64545",
  starting: "#7cc4e8",
  ready: "#3c9d5d",
  terminating: "#9aa1ab",
  running: "#4a7fd4",
  complete: "#3c9d5d",
  failed: "#d64545",
};

const width = 1080;
const gutter = 200;
const right = width - 20;
const laneHeight = 15;
const markRow = 14;
const markRows = 3;
const loadHeight = 60;

/** Draws a timeline as one self-contained SVG document. */
export function drawSvg(timeline: Timeline): string {
  const x: Scale = (at) =>
    gutter + ((at - timeline.from) / Math.max(1, timeline.to - timeline.from)) * (right - gutter);
  const top = markRows * markRow + 24;
  const groups = groupLanes(timeline.lanes);
  const parts: string[] = [];
  let y = top;
  for (const { title, lanes } of groups) {
    y += 16;
    parts.push(text(8, y - 4, title, `font-weight="600"`));
    for (const lane of lanes) {
      parts.push(text(16, y + 11, shortName(lane), `fill="#57606a"`));
      for (const span of lane.spans) {
        const left = x(span.from);
        const size = `width="${Math.max(1, x(span.to) - left).toFixed(1)}" height="${laneHeight - 4}"`;
        const tooltip = `${lane.name}: ${span.state}, ${((span.to - span.from) / 1000).toFixed(1)} s`;
        parts.push(
          `<rect x="${left.toFixed(1)}" y="${y + 2}" ${size} rx="2" fill="${colours[span.state]}"><title>${escapeXml(tooltip)}</title></rect>`,
        );
      }
      parts.push(...sayingTicks(lane, timeline.sayings, x, y + 2, laneHeight - 4));
      y += laneHeight;
    }
    y += 6;
  }
  if (timeline.sayings.length > 0) {
    parts.push(text(8, y + 12, "what the ledger said", `font-weight="600"`));
    const { elements, height } = sayingRows(timeline.sayings, x, { top: y + 2, left: gutter, right });
    parts.push(...elements);
    y += height + 14;
  }
  parts.push(...loadChart(timeline, x, y));
  const bottom = y + loadHeight + 24;
  const height = bottom + 44;
  return document({ title: "Jobs, pods and requests over time", width, height }, [
    ...axis(timeline, x, top, bottom),
    ...marks(timeline, x, bottom),
    ...parts,
    ...legend(height - 14),
  ]);
}

function groupLanes(lanes: readonly Lane[]): { title: string; lanes: readonly Lane[] }[] {
  const byTemplate = Map.groupBy(lanes, (lane) => lane.template);
  return [...byTemplate]
    .sort(([a], [b]) => Number(b === "") - Number(a === ""))
    .map(([template, own]) => ({
      title: template === "" ? "migration Jobs" : `pods of ReplicaSet ${template}`,
      lanes: own,
    }));
}

function axis(timeline: Timeline, x: (at: number) => number, top: number, bottom: number): string[] {
  const lengthSeconds = (timeline.to - timeline.from) / 1000;
  const step = [5, 10, 15, 30, 60, 120, 300].find((candidate) => lengthSeconds / candidate <= 14) ?? 600;
  const ticks = Array.from({ length: Math.floor(lengthSeconds / step) + 1 }, (_, index) => index * step);
  return ticks.flatMap((seconds) => {
    const left = x(timeline.from + seconds * 1000).toFixed(1);
    const line = `<line x1="${left}" x2="${left}" y1="${top}" y2="${bottom - 14}" stroke="#eaeef2"/>`;
    return [line, text(Number(left), bottom, `${seconds} s`, `text-anchor="middle" fill="#57606a"`)];
  });
}

function marks(timeline: Timeline, x: (at: number) => number, bottom: number): string[] {
  return timeline.marks.flatMap((mark, index) => {
    const left = x(mark.at).toFixed(1);
    const y = 16 + (index % markRows) * markRow;
    const line = `<line x1="${left}" x2="${left}" y1="${y + 3}" y2="${bottom - 14}" stroke="#8250df" stroke-dasharray="3 3"/>`;
    const anchor = Number(left) > width * 0.75 ? `text-anchor="end"` : "";
    return [line, text(Number(left), y, mark.label, `fill="#8250df" ${anchor}`)];
  });
}

function loadChart(timeline: Timeline, x: (at: number) => number, y: number): string[] {
  const highest = Math.max(1, ...timeline.load.map((second) => second.answered + second.failed));
  const failed = timeline.load.reduce((sum, second) => sum + second.failed, 0);
  const answered = timeline.load.reduce((sum, second) => sum + second.answered, 0);
  const bar = (at: number, value: number, colour: string) => {
    const size = (value / highest) * loadHeight;
    const barWidth = Math.max(1, x(at + 1000) - x(at) - 0.5).toFixed(1);
    return `<rect x="${x(at).toFixed(1)}" y="${(y + loadHeight - size).toFixed(1)}" width="${barWidth}" height="${size.toFixed(1)}" fill="${colour}"/>`;
  };
  return [
    text(8, y + 12, "requests per second", `font-weight="600"`),
    text(16, y + 28, `${answered} answered`, `fill="#57606a"`),
    text(16, y + 43, `${failed} failed`, failed > 0 ? `fill="#d64545" font-weight="600"` : `fill="#57606a"`),
    ...timeline.load.map((second) => bar(second.at, second.answered, "#b7dfc3")),
    ...timeline.load.filter((second) => second.failed > 0).map((second) => bar(second.at, second.failed, "#d64545")),
  ];
}

function legend(y: number): string[] {
  const entries: readonly (readonly [LaneState, string])[] = [
    ["running", "Job runs"],
    ["complete", "complete, ready"],
    ["failed", "failed, refused"],
    ["waiting", "pod waits at gate"],
    ["starting", "pod starts"],
    ["terminating", "pod terminates"],
    ["pending", "pending"],
  ];
  return entries.flatMap(([state, label], index) => {
    const left = 16 + index * 150;
    return [
      `<rect x="${left}" y="${y - 9}" width="11" height="11" rx="2" fill="${colours[state]}"/>`,
      text(left + 16, y, label, ""),
    ];
  });
}
