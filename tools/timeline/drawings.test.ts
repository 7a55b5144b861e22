import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { drawSvg } from "./svg.ts";
import { drawTerminal } from "./terminal.ts";
import type { Timeline } from "./timeline.ts";

const timeline: Timeline = {
  from: 0,
  to: 100_000,
  marks: [{ at: 50_000, label: "upgrade to <v2>" }],
  lanes: [
    {
      kind: "Pod",
      name: "blog-5c9f4-x7k2p",
      template: "5c9f4",
      spans: [
        { state: "waiting", from: 0, to: 50_000 },
        { state: "ready", from: 50_000, to: 100_000 },
      ],
    },
  ],
  load: [
    { at: 10_000, answered: 40, failed: 0 },
    { at: 80_000, answered: 39, failed: 1 },
  ],
};

const terminalLines = stripVTControlCharacters(drawTerminal(timeline, 127)).split("\n");

test("the terminal shows each pod's states in proportion to their length", () => {
  const lane = terminalLines.find((line) => line.startsWith("Pod 5c9f4-x7k2p"));
  expect(lane?.match(/░/g)).toHaveLength(50);
  expect(lane?.match(/█/g)).toHaveLength(50);
});

test("the terminal shows when a request failed, and numbers what the operator did", () => {
  expect(terminalLines.find((line) => line.startsWith("requests failed"))?.indexOf("✗")).toBe(27 + 80);
  expect(terminalLines.find((line) => line.startsWith("helm"))?.trimEnd()).toMatch(/ 1$/);
  expect(terminalLines).toContain("  1    50s  upgrade to <v2>");
});

test("the SVG counts answered and failed requests, and escapes what it writes", () => {
  const svg = drawSvg(timeline);
  expect(svg).toContain("79 answered");
  expect(svg).toContain("1 failed");
  expect(svg).toContain("upgrade to &lt;v2&gt;");
  expect(svg).not.toContain("<v2>");
});
