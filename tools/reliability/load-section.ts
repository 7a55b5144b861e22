import { markdownTable } from "../figures/markdown-table.ts";
import { summarize } from "../figures/statistics.ts";
import { firstOf } from "../timeline/failed-requests.ts";
import type { LoadResults, RequestFigures, Step, StepKind } from "./load-results.ts";
import { type BoundedObject, bounds } from "./object-bounds.ts";
import { describeVersions } from "./results.ts";

/** What a run of the load has shown: requests, releases, and what is left of them. */
export function loadSection({ versions, date, minutes, replicas, requests, steps, counts }: LoadResults): string {
  return [
    `${plural(minutes, "minute")} with a release each, by Helm 4 and Helm 3 in turn, at ${replicas} pods and ${requests.perSecond} requests a second; played on ${date} with ${describeVersions(versions)}.`,
    describeRequests(requests),
    stepTable(steps),
    countTable(counts),
  ].join("\n\n");
}

function describeRequests({ sent, p50Ms, p99Ms, longestMs, failed }: RequestFigures): string {
  const latency = `Half of them were answered within ${milliseconds(p50Ms)}, 99 % within ${milliseconds(p99Ms)}, the slowest within ${milliseconds(longestMs)}.`;
  const total = plural(sent, "request");
  if (failed.length === 0) return `**${total}, of which none failed.** ${latency}`;
  return `**${total}, of which ${failed.length.toLocaleString("en")} failed.** ${latency}\n\n${firstOf(failed)
    .map((line) => `- ${line}`)
    .join("\n")}`;
}

const stepTitles: Readonly<Record<StepKind, string>> = {
  good: "a migration that is applied in no time",
  slow: "a migration of 15 seconds",
  failing: "a migration that fails: until a new pod says why",
  corrected: "the same, corrected",
  rollback: "`helm rollback` after a migration was applied",
};

function stepTable(steps: readonly Step[]): string {
  const kinds = (Object.keys(stepTitles) as StepKind[]).filter((kind) => steps.some((step) => step.kind === kind));
  const seconds = (kind: StepKind) => summarize(steps.filter((step) => step.kind === kind).map((step) => step.seconds));
  return markdownTable(
    [
      { title: "Release" },
      { title: "Times", align: "right" },
      { title: "Seconds until only its pods serve: median (longest)", align: "right" },
    ],
    kinds.map((kind) => {
      const { median, maximum, runs } = seconds(kind);
      return [stepTitles[kind], String(runs), `${median.toFixed(1)} (${maximum.toFixed(1)})`];
    }),
  );
}

function countTable(counts: LoadResults["counts"]): string {
  const moments = [counts.at(0), counts.at(Math.floor(counts.length / 2)), counts.at(-1)];
  const number = (value: number | undefined) => value?.toLocaleString("en") ?? "";
  return markdownTable(
    [
      { title: "In the namespace and the database" },
      { title: "At first", align: "right" },
      { title: "Half-way", align: "right" },
      { title: "At the end", align: "right" },
      { title: "Bound" },
    ],
    [
      ["failed revisions", ...moments.map((count) => number(count?.failedRevisions)), ""],
      ...(Object.keys(bounds) as BoundedObject[]).map((key) => [
        bounds[key].title,
        ...moments.map((count) => number(count?.objects[key])),
        bounds[key].rule,
      ]),
    ],
  );
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
