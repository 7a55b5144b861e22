import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchmarkDatabase, DatabaseServer } from "../database-server.ts";
import type { DelayProxy, Traffic } from "../delay-proxy.ts";
import { measureProcess, type ProcessCost, ProgramFailedError } from "../measured-process.ts";
import { roundRobin, summarize } from "../statistics.ts";
import type { MigrationSet } from "./migration-set.ts";
import type { Cell, Figures, Measurement } from "./results.ts";
import type { Tool } from "./tool.ts";

export interface Bench {
  readonly server: DatabaseServer;
  /** Before the server, for the cells with a round-trip time. */
  readonly proxy: DelayProxy;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A tool with a set's files as it wants them, and what it has shown in one cell so far. */
interface Contestant {
  readonly tool: Tool;
  readonly folder: string;
  readonly paths: readonly string[];
}

interface Sample extends ProcessCost {
  readonly traffic: Traffic | undefined;
}

const timeoutMs = 180_000;

/**
 * Measures all tools on one set, cell by cell. A tool that fails, or makes another schema than the first one, says so in
 * its measurement, and is not run on this set again.
 */
export async function measureSet(
  bench: Bench,
  set: MigrationSet,
  tools: readonly Tool[],
  cells: readonly Cell[],
  runs: number,
): Promise<Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), "migration-gate-bench-"));
  try {
    let contestants: Contestant[] = [];
    for (const tool of tools) contestants.push(await layOut(join(directory, tool.name), tool, set));
    const measurements: Measurement[] = [];
    for (const cell of cells) {
      const able = contestants.filter(({ tool }) => cell.scenario === "from empty" || tool.keepsHistory);
      const measured = await measureCell(bench, set, cell, able, runs, directory);
      measurements.push(...measured);
      const failed = measured.filter(({ kind }) => kind === "failed").map(({ tool }) => tool);
      contestants = contestants.filter(({ tool }) => !failed.includes(tool.name));
    }
    return measurements;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function layOut(folder: string, tool: Tool, { migrations }: MigrationSet): Promise<Contestant> {
  await mkdir(folder);
  const paths: string[] = [];
  for (const [index, migration] of migrations.entries()) {
    const { path, content } = tool.layout(index + 1, migration);
    await writeFile(join(folder, path), content);
    paths.push(path);
  }
  return { tool, folder, paths };
}

async function measureCell(
  bench: Bench,
  set: MigrationSet,
  cell: Cell,
  contestants: readonly Contestant[],
  runs: number,
  directory: string,
): Promise<Measurement[]> {
  const samples = new Map<string, Sample[]>();
  const failures = new Map<string, string>();
  const run = (contestant: Contestant, database: BenchmarkDatabase, rttMs: number) =>
    runOnce(bench, contestant, database, rttMs, directory);
  await using databases = new AsyncDisposableStack();
  const migrated = new Map<string, BenchmarkDatabase>();
  let schema: string | undefined;

  const attempt = async (contestant: Contestant): Promise<Sample> => {
    const { name } = contestant.tool;
    if (cell.scenario === "nothing to do") {
      const database = migrated.get(name) ?? databases.use(await bench.server.createDatabase());
      if (!migrated.has(name)) await run(contestant, database, 0);
      migrated.set(name, database);
      return await run(contestant, database, cell.rttMs);
    }
    await using database = await bench.server.createDatabase();
    const sample = await run(contestant, database, cell.rttMs);
    const made = await schemaOf(database);
    schema ??= made;
    if (made !== schema) throw new ProgramFailedError("it ended with 0 and made another schema than the first tool");
    return sample;
  };

  for (let round = 0; round < runs; round++) {
    for (const contestant of roundRobin(contestants, round)) {
      const { name } = contestant.tool;
      if (failures.has(name)) continue;
      const label = `${set.name}, ${cell.scenario}, ${cell.rttMs} ms, run ${round + 1} of ${runs}: ${name}`;
      try {
        const sample = await attempt(contestant);
        samples.set(name, [...(samples.get(name) ?? []), sample]);
        bench.log(`${label} ${Math.round(sample.wallMs)} ms`);
      } catch (error) {
        if (!(error instanceof ProgramFailedError)) throw error;
        failures.set(name, error.message);
        bench.log(`${label} failed: ${error.message}`);
      }
    }
  }
  return contestants.map(({ tool: { name } }) => {
    const place = { ...cell, set: set.name, tool: name };
    const reason = failures.get(name);
    return reason === undefined
      ? { ...place, kind: "measured", figures: figuresOf(samples.get(name) ?? []) }
      : { ...place, kind: "failed", reason };
  });
}

async function runOnce(
  { server, proxy, signal }: Bench,
  { tool, folder, paths }: Contestant,
  { name, user, password }: BenchmarkDatabase,
  rttMs: number,
  directory: string,
): Promise<Sample> {
  const direct = rttMs === 0;
  const port = direct ? server.port : proxy.port;
  if (!direct) await proxy.takeTraffic();
  const command = tool.command({ port, name, user, password }, folder, paths);
  const cost = await measureProcess(command, { directory, timeoutMs, signal });
  return { ...cost, traffic: direct ? undefined : await proxy.takeTraffic() };
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

/** Tells what the files have made, whoever has run them: the names of all tables and views but the tools' own. */
async function schemaOf(database: BenchmarkDatabase): Promise<string> {
  const [row] = await database.query<{ schema: string }>(
    `select pg_catalog.count(*) || ' ' || coalesce(pg_catalog.md5(pg_catalog.string_agg(c.relname, ',' order by n.nspname, c.relname)), '') as schema
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'migration_gate')
        and c.relname not in ('schema_migrations', 'goose_db_version', 'schema_version', 'pgmigrations', 'schemaversion', 'flyway_schema_history')`,
  );
  return row?.schema ?? "";
}
