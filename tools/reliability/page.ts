import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { markdownTable } from "../figures/markdown-table.ts";
import { summarize } from "../figures/statistics.ts";
import { readLoadResults } from "./load-results.ts";
import { loadSection } from "./load-section.ts";
import { describeVersions, type Results, readResults, type ScenarioResult } from "./results.ts";

/** The page that shows the results. */
export const reliabilityPage = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url));

/** docs/reliability.md with the sections that follow from the results. */
export async function generatedPage(): Promise<string> {
  const page = await readFile(reliabilityPage, "utf8");
  const withScenarios = withSection(page, "scenarios", scenarioTables(await readResults()));
  return withSection(withScenarios, "load", loadSection(await readLoadResults()));
}

/** The circumstances, and a table for each group of scenarios. */
export function scenarioTables({ versions, scenarios }: Results): string {
  const groups = Map.groupBy(scenarios, ({ group }) => group);
  return [
    `Newest runs with ${describeVersions(versions)}.`,
    ...[...groups].flatMap(([group, own]) => [`### ${group}`, markdownTable(columns, own.map(row))]),
  ].join("\n\n");
}

const columns = [
  { title: "What happens" },
  { title: "Elsewhere" },
  { title: "Here" },
  { title: "Seconds to recover: median (longest)", align: "right" },
  { title: "Runs in a row", align: "right" },
  { title: "Last run" },
] as const;

function row({ disturbance, others, ours, recoveredSeconds, date }: ScenarioResult): string[] {
  const elsewhere = others ? [others.become, ...others.reports.map(reportLink)].join(" ") : "";
  const failed = recoveredSeconds.length === 0;
  return [
    disturbance,
    elsewhere,
    ours,
    failed ? "" : secondsText(recoveredSeconds),
    failed ? "**failed**" : String(recoveredSeconds.length),
    date,
  ];
}

function secondsText(seconds: readonly number[]): string {
  const { median, maximum } = summarize(seconds);
  return `${median.toFixed(1)} (${maximum.toFixed(1)})`;
}

function reportLink(report: string): string {
  const [repository = "", number] = report.split("#");
  return `[${report.replace(/^.*\//, "")}](https://github.com/${repository}/issues/${number})`;
}

/**
 * The page with another text between the two marks of a section, `<!-- NAME -->` and `<!-- /NAME -->`.
 *
 * @throws if the marks are missing.
 */
export function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = page.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined) throw new Error(`docs/reliability.md lacks ${begin} or ${end}`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}
