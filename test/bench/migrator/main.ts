import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Benchmark } from "../benchmark.ts";
import { describeDataLocation, serverSettings, startDatabaseServer } from "../database-server.ts";
import { startDelayProxy } from "../delay-proxy.ts";
import { describeMachine } from "../machine.ts";
import { checkMeasuringTools } from "../measured-process.ts";
import { stopwatch } from "../stopwatch.ts";
import type { Bench } from "./contestant.ts";
import { measureSet } from "./measure.ts";
import { folderSet, largeSet, type MigrationSet, tinySet } from "./migration-set.ts";
import { probeRoundTrip } from "./probe.ts";
import { drawReport, writeReport } from "./report.ts";
import type { Cell, Measurement } from "./results.ts";
import { type InstalledTools, installTools, peerNames } from "./tools/install.ts";
import { ownName } from "./tools/migrator.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cache = join(root, ".cache", "bench");
const quickPeers = ["node-pg-migrate", "postgrator", "psql"];

export const migratorBenchmark: Benchmark = {
  usage: `Measures the migrator beside ${peerNames.join(", ")}: time, round trips and peak memory.

  npm run bench -- migrator                 500 tiny migrations, and sets of large files for memory (about a quarter of an hour)
  npm run bench -- migrator --dir DIR       also any folder of migrations that the migrator reads; repeatable
  npm run bench -- migrator --quick         a smoke run: fewer migrations, tools and runs; writes into .cache/bench

  --runs N         runs of each tool in each cell of a timed set [7]
  --tools A,B      peers to run beside ours [all]
  --output DIR     where migrator.md and migrator.svg go [docs/benchmarks]`,
  run,
};

async function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: "string", multiple: true, default: [] },
      runs: { type: "string" },
      tools: { type: "string" },
      output: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const runs = Number(values.runs ?? (values.quick ? 1 : 7));
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs: "${values.runs}" is not a number of runs`);
  const peers = values.tools?.split(",") ?? (values.quick ? quickPeers : peerNames);
  const unknown = peers.find((name) => !peerNames.includes(name));
  if (unknown !== undefined) throw new Error(`--tools: "${unknown}" is none of ${peerNames.join(", ")}`);
  const output = values.output ?? (values.quick ? cache : join(root, "docs", "benchmarks"));
  checkMeasuringTools();

  const log = stopwatch(performance.now());
  const tools = await installTools(peers, { cache, log, signal });
  await using server = await startDatabaseServer();
  await using proxy = await startDelayProxy(server.port, 1);
  const bench = { server, proxy, log, signal };
  const sets = await chooseSets(bench, tools, values.dir, values.quick);
  const probe = await probeRoundTrip(server, proxy);
  const measurements: Measurement[] = [];
  for (const set of sets) {
    measurements.push(...(await measureSet(bench, set, tools.all, cellsOf(set), set.measures === "time" ? runs : 1)));
  }

  const results = {
    sets: sets.map(({ migrations, ...set }) => ({ ...set, migrations: migrations.length })),
    tools: tools.all,
    missing: tools.missing,
    measurements,
    circumstances: {
      command: ["npm run bench -- migrator", ...args].join(" "),
      date: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      node: process.version,
      server: server.version,
      dataLocation: describeDataLocation(),
      serverSettings,
      probe,
    },
  };
  await mkdir(output, { recursive: true });
  await writeFile(join(output, "migrator.md"), writeReport(results, ownName));
  await writeFile(join(output, "migrator.svg"), drawReport(results, ownName));
  log(`wrote ${join(output, "migrator.md")} and migrator.svg`);
}

async function chooseSets(
  { server }: Pick<Bench, "server">,
  { own }: InstalledTools,
  directories: readonly string[],
  quick: boolean,
): Promise<MigrationSet[]> {
  await using empty = await server.createDatabase();
  const address = { port: server.port, name: empty.name, user: empty.user, password: empty.password };
  const folders = [];
  for (const directory of directories) folders.push(await folderSet(own, directory, address));
  const names = folders.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`--dir: two folders are called ${twice}, rename one of them`);
  return quick
    ? [tinySet(50), ...folders, largeSet(20, 256)]
    : [tinySet(500), ...folders, largeSet(500, 256), largeSet(1, 50 * 1024)];
}

function cellsOf({ measures }: MigrationSet): Cell[] {
  const rtts = measures === "time" ? [0, 2] : [0];
  return (["from empty", "nothing to do"] as const).flatMap((scenario) => rtts.map((rttMs) => ({ scenario, rttMs })));
}
