import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { roundRobin, summarize } from "../../../tools/figures/statistics.ts";
import { ProgramFailedError } from "../measured-process.ts";
import { type Bench, Contestant, type Sample } from "./contestant.ts";
import type { MigrationSet } from "./migration-set.ts";
import type { Cell, Figures, Measurement } from "./results.ts";
import type { Tool } from "./tool.ts";

/**
 * Measures all tools on one set, cell by cell, those from empty before those with nothing to do. A tool that fails, or
 * makes another schema than the first one, says so in its measurement, and is not run on this set again.
 */
export async function measureSet(
  bench: Bench,
  set: MigrationSet,
  tools: readonly Tool[],
  cells: readonly Cell[],
  runs: number,
): Promise<Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), "migration-gate-bench-"));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(directory, { recursive: true, force: true }));
  let contestants: Contestant[] = [];
  for (const tool of tools) contestants.push(cleanUp.use(await Contestant.prepare(bench, tool, set, directory)));
  const measurements: Measurement[] = [];
  for (const cell of cells) {
    const able = contestants.filter(({ tool }) => cell.scenario === "from empty" || tool.keepsHistory);
    const measured = await measureCell(bench, set, cell, able, runs);
    measurements.push(...measured);
    const failed = measured.filter(({ kind }) => kind === "failed").map(({ tool }) => tool);
    contestants = contestants.filter(({ tool }) => !failed.includes(tool.name));
  }
  return measurements;
}

/** A run of each tool, then the next round, so that what the machine does meanwhile meets all alike. */
async function measureCell(
  { log, signal }: Bench,
  set: MigrationSet,
  cell: Cell,
  contestants: readonly Contestant[],
  runs: number,
): Promise<Measurement[]> {
  const results = contestants.map((contestant) => ({
    contestant,
    samples: [] as Sample[],
    failure: undefined as string | undefined,
  }));
  let expectedSchema: string | undefined;
  const attempt = async (contestant: Contestant): Promise<Sample> => {
    if (cell.scenario === "nothing to do") return await contestant.findNothingToDo(cell.rttMs);
    const { sample, schema } = await contestant.applyFromEmpty(cell.rttMs);
    expectedSchema ??= schema;
    if (schema === expectedSchema) return sample;
    throw new ProgramFailedError("ended with 0 and made another schema than the first tool");
  };
  for (let round = 0; round < runs; round++) {
    for (const result of roundRobin(results, round)) {
      if (result.failure !== undefined) continue;
      signal.throwIfAborted();
      const { name } = result.contestant.tool;
      const label = `${set.name}, ${cell.scenario}, ${cell.rttMs} ms, run ${round + 1} of ${runs}: ${name}`;
      try {
        const sample = await attempt(result.contestant);
        result.samples.push(sample);
        log(`${label} ${Math.round(sample.wallMs)} ms`);
      } catch (error) {
        if (!(error instanceof ProgramFailedError)) throw error;
        result.failure = error.message;
        log(`${label} failed: ${error.message}`);
      }
    }
  }
  return results.map(({ contestant, samples, failure }) => {
    const place = { ...cell, set: set.name, tool: contestant.tool.name };
    return failure === undefined
      ? { ...place, kind: "measured", figures: figuresOf(samples) }
      : { ...place, kind: "failed", reason: failure };
  });
}

function figuresOf(samples: readonly Sample[]): Figures {
  const traffic = samples.at(-1)?.traffic;
  return {
    wallMs: summarize(samples.map(({ wallMs }) => wallMs)),
    cpuMs: summarize(samples.map(({ cpuMs }) => cpuMs)),
    peakRssMib: summarize(samples.map(({ peakRssMib }) => peakRssMib)),
    ...(traffic && { roundTrips: traffic.roundTrips, connections: traffic.connections }),
  };
}
