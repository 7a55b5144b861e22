import { markdownTable } from "../../../tools/figures/markdown-table.ts";
import type { Summary } from "../../../tools/figures/statistics.ts";
import { type Bar, drawBarChart, type Panel } from "../bar-chart.ts";
import { goalTable } from "../goal.ts";
import { judgeGoals } from "./goals.ts";
import { type Cell, type Figures, measuredIn, type Results, type SetDescription } from "./results.ts";

/** The page of figures: circumstances, goals, a table for each set, and how it was measured. */
export function writeReport(results: Results, own: string): string {
  const { circumstances, sets, tools, missing } = results;
  const { directMs, proxiedMs } = circumstances.probe;
  const settings = Object.entries(circumstances.serverSettings).map(([name, value]) => `\`${name} = ${value}\``);
  const parts = [
    "# The migrator beside others",
    `![Bars: time of each tool in each scenario](migrator.svg)`,
    [
      `Written by \`${circumstances.command}\` on ${circumstances.date}; do not edit.`,
      "",
      `- Machine: ${circumstances.machine}`,
      `- Server: PostgreSQL ${circumstances.server} on the same machine, its data ${circumstances.dataLocation}, ${settings.join(", ")}`,
      `- Round-trip time: \`select 1\` takes ${decimals(directMs.median, 2)} ms directly, and ${decimals(proxiedMs.median, 2)} ms through a proxy that holds everything back for 1 ms each way`,
      `- Tools: ${tools.map(({ name, version }) => `${name} ${version}`).join(", ")}; those on Node.js on ${circumstances.node}`,
      ...missing.map(({ name, reason }) => `- **Left out:** ${name}, because ${reason}`),
    ].join("\n"),
    method,
    "## Goals",
    goalTable(judgeGoals(results, own)),
    ...sets.flatMap((set) => writeSet(results, own, set)),
    notes,
  ];
  return `${parts.join("\n\n")}\n`;
}

const method = `Each cell is the median of its runs with [smallest–largest], and as a multiple of ours: ×2.0 took twice as long. Tools take turns, so that what the machine
does meanwhile meets all alike. *From empty* begins on a fresh database; *nothing to do* runs again on the result. Time is that of the whole process, start
and end included. CPU and peak memory (the largest resident set, shared code included) are the tool's own, without the server's. Round trips are counted in the
proxy: how often the client speaks after the server, connecting and disconnecting included. Every tool must leave the same tables and views behind as the first.`;

const notes = `## How to read it

- All tools apply the same SQL. File names and markers are each tool's own (goose's files are one statement each, between its markers, so that it does not split them); everything else is left
  at its default. node-pg-migrate's default is one transaction around all files, Flyway runs as a library behind a main class of ten lines, psql sends all files and keeps no history:
  it is a reference, and no peer.
- Ours checks more than the peers while it runs (a changed file, a lost lock, a file that leaves its transaction, who blocks), and keeps each script's text in the history.
- Native binaries start in a few milliseconds, Node.js alone in 20 to 40: with nothing to do ours cannot be as fast as they are.
- Differences at no delay that are smaller than the ranges are noise: there the server's own work is most of the time.`;

function writeSet(results: Results, own: string, set: SetDescription): string[] {
  return [
    `## ${set.name}`,
    `${capitalized(set.description)}.`,
    ...(["from empty", "nothing to do"] as const).flatMap((scenario) => writeScenario(results, own, set, scenario)),
  ];
}

function writeScenario(results: Results, own: string, set: SetDescription, scenario: Cell["scenario"]): string[] {
  const [direct, delayed] = [0, 2].map((rttMs) => measuredIn(results, set.name, { scenario, rttMs }));
  const failures = results.measurements.flatMap((measurement) =>
    measurement.set === set.name && measurement.scenario === scenario && measurement.kind === "failed"
      ? [`- **${measurement.tool} failed** (${measurement.rttMs} ms): ${measurement.reason.replaceAll("\n", " ")}`]
      : [],
  );
  if (!direct || direct.length === 0) return failures;
  const figures = (of: typeof delayed, tool: string) => of?.find((measured) => measured.tool === tool)?.figures;
  const withDelay = delayed !== undefined && delayed.length > 0;
  const [ours, oursDelayed] = [figures(direct, own), figures(delayed, own)];
  const columns = [
    { title: scenario },
    ...[
      "ms, no delay",
      "÷ ours",
      ...(withDelay ? ["ms, 2 ms", "÷ ours", "round trips", "connections"] : []),
      "CPU ms",
      "peak MiB",
    ].map((title) => ({ title, align: "right" }) as const),
  ];
  const rows = direct
    .toSorted((left, right) => left.figures.wallMs.median - right.figures.wallMs.median)
    .map(({ tool, figures: near }) => {
      const far = figures(delayed, tool);
      return [
        displayName(results, own, tool),
        range(near.wallMs),
        ratio(near, ours),
        ...(withDelay
          ? [
              far ? range(far.wallMs) : "",
              far ? ratio(far, oursDelayed) : "",
              String(far?.roundTrips ?? ""),
              String(far?.connections ?? ""),
            ]
          : []),
        near.cpuMs.median < 10 ? "<10" : range(near.cpuMs),
        range(near.peakRssMib),
      ];
    });
  const runs = `Runs: ${direct.map(({ figures: { wallMs } }) => wallMs.runs).reduce((least, each) => Math.min(least, each))} each.`;
  return [markdownTable(columns, rows), [runs, ...failures].join("\n")];
}

function displayName({ tools }: Results, own: string, tool: string): string {
  if (tool === own) return `**${tool}** (ours)`;
  return tools.find(({ name }) => name === tool)?.keepsHistory ? tool : `*${tool}*`;
}

function ratio(figures: Figures, ours: Figures | undefined): string {
  return ours ? `×${decimals(figures.wallMs.median / ours.wallMs.median, 2)}` : "";
}

/** One run has no range. */
function range({ median, minimum, maximum, runs }: Summary): string {
  const digits = median < 10 ? 1 : 0;
  if (runs === 1) return decimals(median, digits);
  return `${decimals(median, digits)} [${decimals(minimum, digits)}–${decimals(maximum, digits)}]`;
}

function decimals(value: number, digits: number): string {
  return value.toFixed(digits);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One panel for each cell: time where it was measured, peak memory of the sets of large files. */
export function drawReport(results: Results, own: string): string {
  const panels = results.sets.flatMap((set) =>
    (["from empty", "nothing to do"] as const).flatMap((scenario) =>
      [0, 2].flatMap((rttMs): Panel[] => {
        const measured = measuredIn(results, set.name, { scenario, rttMs });
        if (measured.length === 0) return [];
        const time = set.measures === "time";
        const bars = measured.map(
          ({ tool, figures }): Bar => ({
            label: tool,
            summary: time ? figures.wallMs : figures.peakRssMib,
            highlighted: tool === own,
          }),
        );
        const delay = rttMs === 0 ? "no delay" : `${rttMs} ms round trips`;
        const title = `${set.name}, ${scenario}, ${time ? delay : "peak memory"}`;
        return [{ title, bars, format: time ? formatMs : (value) => `${Math.round(value)} MiB` }];
      }),
    ),
  );
  return drawBarChart("The migrator beside others: shorter is better", panels);
}

function formatMs(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}
