import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../../tools/images/catalogue.ts";
import type { Benchmark } from "../benchmark.ts";
import { describeMachine } from "../machine.ts";
import { stopwatch } from "../stopwatch.ts";
import { clusterVersions } from "./api-server.ts";
import { measureApplied } from "./applied.ts";
import { openWaiterBench, type WaiterBench } from "./bench.ts";
import { drawReport } from "./chart.ts";
import { measureDetection } from "./detection.ts";
import { type FootprintPlan, measureFootprints } from "./footprint.ts";
import { startGateDatabase } from "./gate.ts";
import { weighImages } from "./image-sizes.ts";
import { writeReport } from "./report.ts";
import { measureRequests } from "./requests.ts";
import type { Results } from "./results.ts";
import { measureScale, type ScalePlan } from "./scale.ts";
import { together } from "./together.ts";

/** How much is measured. */
interface Plan {
  readonly appliedRounds: number;
  readonly detectionRounds: number;
  readonly footprint: FootprintPlan;
  readonly observedSeconds: number;
  readonly scale: ScalePlan;
}

const fullPlan: Plan = {
  appliedRounds: 20,
  detectionRounds: 15,
  footprint: { usageRuns: 5, coldLimitsMib: [32, 48, 64, 96, 128] },
  observedSeconds: 120,
  scale: {
    sizes: [100, 300, 1000],
    idle: { windows: 6, windowMs: 4_000 },
    steady: { windows: 3, windowMs: 4_000 },
    changing: { windows: 1, windowMs: 10_000 },
  },
};
const quickPlan: Plan = {
  appliedRounds: 2,
  detectionRounds: 1,
  footprint: { usageRuns: 1, coldLimitsMib: [64] },
  observedSeconds: 10,
  scale: {
    sizes: [30],
    idle: { windows: 2, windowMs: 2_000 },
    steady: { windows: 2, windowMs: 2_000 },
    changing: { windows: 1, windowMs: 2_000 },
  },
};

export const waiterBenchmark: Benchmark = {
  usage: `Measures the waiter beside kubectl wait and a loop of kubectl get, in pods of the local cluster (npm run cluster; needs root).

  npm run bench -- waiter            about twelve minutes
  npm run bench -- waiter --quick    a smoke run of two minutes: a few rounds of each; writes into .cache/bench

  --runs N         rounds with an applied migration, and with one that ends while pods wait [20 and 15]
  --output DIR     where waiter.md and waiter.svg go [docs/benchmarks]`,
  run,
};

async function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string" },
      output: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const plan = planFor(values.quick, values.runs);
  const folder = values.quick ? join(".cache", "bench") : join("docs", "benchmarks");
  const output = values.output ?? join(repositoryRoot, folder);
  const log = stopwatch(performance.now());
  const circumstances = {
    command: ["npm run bench -- waiter", ...args].join(" "),
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
  };
  await using bench = await openWaiterBench(log, signal);
  const measured = await measureAll(bench, plan);
  const results: Results = { ...measured, circumstances: { ...circumstances, cluster: await clusterVersions() } };
  await mkdir(output, { recursive: true });
  await writeFile(join(output, "waiter.md"), writeReport(results));
  await writeFile(join(output, "waiter.svg"), drawReport(results));
  log(`wrote ${join(output, "waiter.md")} and waiter.svg`);
}

function planFor(quick: boolean, runs: string | undefined): Plan {
  const plan = quick ? quickPlan : fullPlan;
  if (runs === undefined) return plan;
  const rounds = Number(runs);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--runs: "${runs}" is not a number of runs`);
  return { ...plan, appliedRounds: rounds, detectionRounds: rounds };
}

async function measureAll(bench: WaiterBench, plan: Plan): Promise<Omit<Results, "circumstances">> {
  const { log, namespace } = bench;
  log("starting the database");
  await startGateDatabase(bench);
  log(`a migration that ends while pods wait, ${plan.detectionRounds} rounds`);
  const { figures: detection, target } = await measureDetection(bench, plan.detectionRounds);
  await namespace.kubectl("delete", "deployment/blog-db");
  log(`a migration that was applied before, ${plan.appliedRounds} rounds`);
  const applied = await measureApplied(bench, target, plan.appliedRounds);
  log(`requests, memory and CPU, ${plan.observedSeconds} s`);
  const [requests, footprints] = await together([
    measureRequests(bench, target, plan.observedSeconds),
    measureFootprints(bench, target, plan.footprint),
  ]);
  const scale = await measureScale(bench, target, plan.scale);
  log("weighing the images");
  return { detection, applied, requests, footprints, scale, sizes: await weighImages(bench) };
}
