import type { Spread, Summary } from "../../../tools/figures/statistics.ts";
import { drawBarChart, type Panel } from "../bar-chart.ts";
import { ownName } from "./contestants.ts";
import type { DetectionFigures } from "./detection.ts";
import { ms, percent } from "./goals.ts";
import type { Results } from "./results.ts";
import type { ServerLoad } from "./scale.ts";

/** One panel a part; the shortest bar is the best. */
export function drawReport({ applied, footprints, detection, scale }: Results): string {
  const bars = <T extends { readonly name: string }>(all: readonly T[], summary: (each: T) => Summary) =>
    all.map((each) => ({ label: each.name, summary: summary(each), highlighted: each.name === ownName }));
  const panels: Panel[] = [];
  if (applied) {
    panels.push({
      title: "applied before: the init container's run",
      bars: bars(applied, ({ runMs }) => runMs),
      format: ms,
    });
  }
  if (detection) {
    const sooner = (of: (each: DetectionFigures["waiters"][number]) => Spread) => bars(detection.waiters, of);
    panels.push(
      {
        title: "migration's end to the application's start",
        bars: sooner((each) => each.endToApplicationMs),
        format: ms,
      },
      { title: "event to the waiter's exit", bars: sooner((each) => each.eventToExitMs), format: ms },
    );
  }
  if (footprints) {
    panels.push({
      title: "applied before: peak memory",
      bars: bars(footprints, ({ peakMib }) => peakMib),
      format: (value) => `${value.toFixed(1)} MiB`,
    });
  }
  if (scale) {
    const load = ({ cpuPercent }: ServerLoad) => cpuPercent;
    panels.push({
      title: "many at once: the API server's CPU, of one core",
      bars: [
        { label: "nobody", summary: load(scale.idle), highlighted: false },
        ...scale.crowds.map(({ kind, size, steady }) => ({
          label: kind === "watch" ? `${size} waiters` : `${size} polls`,
          summary: load(steady),
          highlighted: kind === "watch",
        })),
      ],
      format: percent,
    });
  }
  return drawBarChart("The waiter beside kubectl: shorter is better", panels);
}
