import { dirname } from "node:path";
import { type Summary, summarize } from "../../../tools/figures/statistics.ts";
import { appliedCommand } from "./applied.ts";
import type { WaiterBench } from "./bench.ts";
import { type Contestant, contestants, reference, type Target } from "./contestants.ts";
import { openColdPageCache } from "./page-cache.ts";
import { type ContainerLimits, container, pod, runPods, runTimeMs, statusOf, succeededStatus } from "./pods.ts";

/** What one check of an applied migration takes of its container. */
export interface Footprint {
  readonly name: string;
  /** User and system time, with a shell's own few milliseconds. */
  readonly cpuMs: Summary;
  /** The cgroup's peak with the program in the page cache already. */
  readonly peakMib: Summary;
  /** `undefined`: it passed with none of those that were tried. */
  readonly smallestLimitMib: number | undefined;
  /** With nothing in the page cache: under each limit up to the first that it passes with. */
  readonly cold: readonly LimitedRun[];
  /** With a twentieth of a processor. */
  readonly slowCpu: LimitedRun;
}

export interface LimitedRun {
  readonly limit: string;
  /** From the start of the process to its end; `undefined` where it failed, or was ended for taking too long. */
  readonly runMs: number | undefined;
}

const warmLimitsMib = [12, 16, 20, 24, 32, 48, 64];
/** A program that needs more file pages than its limit leaves reads them again and again, and hardly ever ends. */
export const limitedSeconds = 15;
/** The poll runs the same program as `kubectl wait`. */
const measured = contestants.filter(({ id }) => id !== "poll");

export interface FootprintPlan {
  readonly usageRuns: number;
  readonly coldLimitsMib: readonly number[];
}

/** Takes no precise times of runs at full speed, so other parts of the benchmark may run beside it. */
export async function measureFootprints(
  bench: WaiterBench,
  target: Target,
  { usageRuns, coldLimitsMib }: FootprintPlan,
): Promise<Footprint[]> {
  const usages = await measureUsage(bench, target, usageRuns);
  const smallest = await findSmallestLimits(bench, target);
  const footprints: Footprint[] = [];
  for (const contestant of measured) {
    const { name, id } = contestant;
    const { cpuMs = [], peakMib = [] } = usages.get(id) ?? {};
    footprints.push({
      name,
      cpuMs: summarize(cpuMs),
      peakMib: summarize(peakMib),
      smallestLimitMib: smallest.get(id),
      cold: await runCold(bench, contestant, target, coldLimitsMib),
      slowCpu: await runLimited(bench, contestant, target, { cpu: "50m", memory: "128Mi" }, "50m"),
    });
  }
  return footprints;
}

async function runCold(
  bench: WaiterBench,
  contestant: Contestant,
  target: Target,
  limitsMib: readonly number[],
): Promise<LimitedRun[]> {
  await using pages = await openColdPageCache(dirname(bench.namespace.cluster.kubeconfig));
  const runs: LimitedRun[] = [];
  for (const mib of limitsMib) {
    await pages.drop();
    const run = await runLimited(bench, contestant, target, { memory: `${mib}Mi` }, `${mib} MiB`);
    runs.push(run);
    if (run.runMs !== undefined) break;
  }
  return runs;
}

async function measureUsage(bench: WaiterBench, target: Target, runs: number) {
  const usages = new Map(measured.map(({ id }) => [id, { cpuMs: [] as number[], peakMib: [] as number[] }]));
  for (let run = 0; run < runs; run++) {
    const inits = measured.map((each) =>
      container(each.id, bench.images.contestants, ["/bin/sh", "-c", readUsage, "sh", ...appliedCommand(each, target)]),
    );
    const [ended] = await runPods(bench, [pod(`usage-${run}`, inits, [application(bench, target)])]);
    if (!ended) continue;
    for (const [id, samples] of usages) {
      const usage = parseUsage(succeededStatus(ended, id).state?.terminated?.message ?? "");
      samples.cpuMs.push(usage.cpuMs);
      samples.peakMib.push(usage.peakMib);
    }
  }
  return usages;
}

/** Runs the program, then tells what its cgroup (version 1 or 2) has counted. The message ends up in the pod's status. */
const readUsage = `"$@" || exit
cd /sys/fs/cgroup
if [ -e memory.peak ]; then cat memory.peak cpu.stat
else cat memory/memory.max_usage_in_bytes cpuacct/cpuacct.usage
fi > /dev/termination-log`;

/** @throws where the kernel does not tell both (memory.peak came with Linux 5.19) */
export function parseUsage(message: string): { readonly peakMib: number; readonly cpuMs: number } {
  const [peak = "", cpu = ""] = message.split("\n");
  const version2 = /^usage_usec (\d+)$/.exec(cpu)?.[1];
  const cpuMs = version2 === undefined ? Number(cpu || Number.NaN) / 1e6 : Number(version2) / 1e3;
  const peakMib = Number(peak || Number.NaN) / 1024 ** 2;
  if (Number.isNaN(cpuMs + peakMib)) throw new Error(`the cgroup tells no usage: "${message}"`);
  return { peakMib, cpuMs };
}

async function findSmallestLimits(bench: WaiterBench, target: Target): Promise<Map<string, number>> {
  const pods = measured.map((contestant) =>
    pod(
      `limits-${contestant.id}`,
      [],
      warmLimitsMib.map((mib) =>
        container(`at-${mib}`, bench.images.contestants, appliedCommand(contestant, target), { memory: `${mib}Mi` }),
      ),
    ),
  );
  const ended = await runPods(bench, pods);
  const passed = (index: number, mib: number) => {
    const found = ended[index];
    return found !== undefined && statusOf(found, `at-${mib}`).state?.terminated?.exitCode === 0;
  };
  return new Map(
    measured.flatMap(({ id }, index) => {
      const limit = warmLimitsMib.find((mib) => passed(index, mib));
      return limit === undefined ? [] : [[id, limit] as const];
    }),
  );
}

async function runLimited(
  bench: WaiterBench,
  contestant: Contestant,
  target: Target,
  limits: ContainerLimits,
  limit: string,
): Promise<LimitedRun> {
  const { id } = contestant;
  const limited = container(id, bench.images.contestants, appliedCommand(contestant, target), limits);
  const order = pod(`limited-${id}`, [limited], [application(bench, target)], limitedSeconds);
  const [ended] = await runPods(bench, [order]);
  const status = ended && statusOf(ended, id);
  const passed = status?.state?.terminated?.exitCode === 0;
  return { limit, runMs: passed ? await runTimeMs(bench, status) : undefined };
}

function application({ images }: WaiterBench, target: Target) {
  return container("application", images.contestants, reference.command(target));
}
