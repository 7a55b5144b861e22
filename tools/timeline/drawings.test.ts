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
      awaits: ["0a1b2c3d4e"],
      spans: [
        { state: "waiting", from: 0, to: 50_000 },
        { state: "ready", from: 50_000, to: 100_000 },
      ],
    },
  ],
  sayings: [
    { at: 20_000, to: 30_000, identity: "0a1b2c3d4e", text: "applying 1 of 2: 0001_<users>" },
    { at: 30_000, to: 70_000, identity: "0a1b2c3d4e", text: "applying 2 of 2: 0002_posts, building index 63 %" },
    { at: 70_000, to: 100_000, identity: "ffffffffff", text: "failed" },
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

test("the terminal shows when the ledger said what", () => {
  const ledger = terminalLines.find((line) => line.startsWith("ledger"));
  expect(["a", "b", "c"].map((letter) => ledger?.lastIndexOf(letter))).toEqual([27 + 20, 27 + 30, 27 + 69]);
  expect(terminalLines).toContain("  b    30s  ledger: applying 2 of 2: 0002_posts, building index 63 %");
});

test("the SVG shows what the ledger said, and marks it in the pods that waited for that, while they did", () => {
  const svg = drawSvg(timeline);
  const counts = ["0001_&lt;users&gt;", "building index 63 %", "failed</title>"].map(
    (text) => svg.split(text).length - 1,
  );
  // Its row's tick and text, and a tick in the pod's lane; the last is about other migrations.
  expect(counts).toEqual([3, 3, 1]);
});

test("the SVG counts answered and failed requests, and escapes what it writes", () => {
  const svg = drawSvg(timeline);
  expect(svg).toContain("79 answered");
  expect(svg).toContain("1 failed");
  expect(svg).toContain("upgrade to &lt;v2&gt;");
  expect(svg).not.toContain("<v2>");
});
