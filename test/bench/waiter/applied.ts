import { roundRobin, type Spread, spreadOf } from "../../../tools/figures/statistics.ts";
import type { WaiterBench } from "./bench.ts";
import { type Contestant, contestants, reference, type Target } from "./contestants.ts";
import { container, pod, runPods, runTimeMs, succeededStatus } from "./pods.ts";

/** What a pod's start pays for a migration that was applied long ago. */
export interface AppliedFigures {
  readonly name: string;
  /** From the start of the init container's process to its end, in milliseconds. */
  readonly runMs: Spread;
}

/** Lets all contestants and the reference run after one another as init containers of one pod, in each round in another order. */
export async function measureApplied(bench: WaiterBench, target: Target, rounds: number): Promise<AppliedFigures[]> {
  const { contestants: image } = bench.images;
  const all = [reference, ...contestants];
  const samples = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const inits = roundRobin(all, round).map((each) => container(each.id, image, appliedCommand(each, target)));
    const application = container("application", image, reference.command(target));
    const [ended] = await runPods(bench, [pod(`applied-${round}`, inits, [application])]);
    if (!ended) continue;
    for (const { name, id } of all) {
      samples.get(name)?.push(await runTimeMs(bench, succeededStatus(ended, id)));
    }
  }
  return all.map(({ name }) => ({ name, runMs: spreadOf(samples.get(name) ?? []) }));
}

export function appliedCommand(
  { command, commandForExisting = command }: Contestant,
  target: Target,
): readonly string[] {
  return commandForExisting(target);
}
