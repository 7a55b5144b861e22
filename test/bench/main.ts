// `npm run bench -- NAME`: measures a program of this repository beside others that do the same work.
import type { Benchmark } from "./benchmark.ts";
import { migratorBenchmark } from "./migrator/main.ts";
import { waiterBenchmark } from "./waiter/main.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  migrator: migratorBenchmark,
  waiter: waiterBenchmark,
};

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const reason: unknown = interrupted.signal.aborted ? interrupted.signal.reason : error;
  console.error(reason instanceof Error && process.env["DEBUG"] === undefined ? reason.message : reason);
  process.exitCode = 1;
}

async function main([name = "--help", ...args]: readonly string[]): Promise<void> {
  const benchmark = benchmarks[name];
  if (benchmark && !args.includes("--help")) return await benchmark.run(args, interrupted.signal);
  if (!benchmark && name !== "--help") throw new Error(`"${name}" is none of ${Object.keys(benchmarks).join(", ")}`);
  console.log((benchmark ? [benchmark] : Object.values(benchmarks)).map(({ usage }) => usage).join("\n\n"));
}
