import { expect, it } from "vitest";
import type { Summary } from "../../../tools/figures/statistics.ts";
import { judgeGoals } from "./goals.ts";
import { drawReport, writeReport } from "./report.ts";
import type { Cell, Measurement, Results } from "./results.ts";

const cells: readonly Cell[] = (["from empty", "nothing to do"] as const).flatMap((scenario) =>
  [0, 2].map((rttMs) => ({ scenario, rttMs })),
);
const exactly = (median: number): Summary => ({ median, minimum: median, maximum: median, runs: 7 });

/** One tool in all four cells: from empty directly and delayed, then with nothing to do. */
function measured(tool: string, times: readonly number[], roundTrips: number): Measurement[] {
  return cells.map((cell, index) => ({
    ...cell,
    set: "tiny",
    tool,
    kind: "measured",
    figures: {
      wallMs: exactly(times[index] ?? 0),
      cpuMs: exactly(10),
      peakRssMib: exactly(60),
      ...(cell.rttMs > 0 && { roundTrips: cell.scenario === "from empty" ? roundTrips : 5, connections: 1 }),
    },
  }));
}

function results(measurements: readonly Measurement[]): Results {
  const tool = (name: string, platform: "Node.js" | "native code", keepsHistory = true) => ({
    name,
    version: "1.0",
    platform,
    keepsHistory,
  });
  return {
    sets: [{ name: "tiny", description: "100 files", measures: "time", migrations: 100 }],
    tools: [
      tool("ours", "Node.js"),
      tool("goose", "native code"),
      tool("postgrator", "Node.js"),
      tool("psql", "native code", false),
    ],
    missing: [{ name: "flyway", reason: "mvn is not installed" }],
    measurements,
    circumstances: {
      command: "npm run bench -- migrator",
      date: "2026-01-01",
      machine: "a machine",
      node: "v24",
      server: "18.4",
      dataLocation: "in memory",
      serverSettings: { fsync: "on" },
      probe: { directMs: exactly(0.05), proxiedMs: exactly(2.4) },
    },
  };
}

const good = results([
  ...measured("ours", [1000, 2000, 80, 90], 112),
  ...measured("goose", [950, 5000, 12, 29], 411),
  ...measured("postgrator", [1200, 3600, 110, 800], 210),
  ...measured("psql", [500, 1500, 20, 30], 103),
]);

const reached = (found: Results) =>
  Object.fromEntries(judgeGoals(found, "ours").map((goal) => [goal.name, goal.reached]));

it("calls every goal reached that is", () => {
  expect(Object.values(reached(good))).toEqual(Array(8).fill(true));
});

it.each([
  { what: "slower than a peer without delay", times: [1050, 2000, 80, 90], goal: /no delay: at most 10 %/ },
  { what: "not much faster than a peer with delay", times: [1000, 2800, 80, 90], goal: /at least 1.3 ×/ },
  { what: "slow with nothing to do", times: [1000, 2000, 91, 95], goal: /at most 90 ms/ },
  { what: "slower than a Node.js tool", times: [1000, 2000, 111, 120], goal: /faster than every tool/ },
])("says which goal is missed when it is $what", ({ times, goal }) => {
  const others = good.measurements.filter(({ tool }) => tool !== "ours");
  const missed = Object.entries(reached(results([...measured("ours", times, 112), ...others])))
    .filter(([, isReached]) => !isReached)
    .map(([name]) => name);

  expect(missed).toContainEqual(expect.stringMatching(goal));
});

it("shows medians beside ours, failures and what was left out", () => {
  const failure: Measurement = {
    scenario: "from empty",
    rttMs: 0,
    set: "tiny",
    tool: "tern",
    kind: "failed",
    reason: "ended with 1:\nsyntax error",
  };
  const page = writeReport({ ...good, measurements: [...good.measurements, failure] }, "ours");

  expect(page).toContain("| **ours** (ours) | 1000 [1000–1000] | ×1.00 | 2000 [2000–2000] | ×1.00 | 112 | 1 |");
  expect(page).toContain("| goose | 950 [950–950] | ×0.95 | 5000 [5000–5000] | ×2.50 | 411 | 1 |");
  expect(page).toContain("- **tern failed** (0 ms): ended with 1: syntax error");
  expect(page).toContain("- **Left out:** flyway, because mvn is not installed");
});

it("draws one bar for each tool in each cell", () => {
  const svg = drawReport(good, "ours");

  expect(svg.match(/<rect [^>]*rx="2"/g)).toHaveLength(16);
  expect(svg).toContain("goose: 5.00 s [5.00 s–5.00 s], 7 runs");
});
