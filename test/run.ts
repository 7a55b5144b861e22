// `npm test`: everything there is, cheapest first. The last line says how many checks and tests passed.
import { execa } from "execa";
import type { TestModule } from "vitest/node";
import { startVitest } from "vitest/node";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };

await check("types", "tsc");
await check("lint and format", "biome", ["check", "--error-on-warnings"]);
await check("bundles", "npm", ["run", "build", "--silent"]);
await check("cluster tool", "go", ["test", "./..."], "test/cluster");
for (const project of ["unit", "fuzz", "integration", "postgres-*", "e2e*"]) await runTests(project);

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function check(title: string, command: string, args: readonly string[] = [], cwd = "."): Promise<void> {
  console.log(`\n${title}: ${[command, ...args].join(" ")}`);
  const result = await execa(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"], reject: false });
  if (result.failed) console.error(`${title} failed${result.cause ? `: ${(result.cause as Error).message}` : ""}`);
  counts[result.failed ? "failed" : "passed"] += 1;
}

async function runTests(project: string): Promise<void> {
  console.log(`\n${project} tests`);
  const before = counts.failed;
  process.exitCode = undefined;
  const vitest = await startVitest("test", [], {
    watch: false,
    project: [project],
    // The unit tests alone are held to it: see vitest.config.ts.
    coverage: { enabled: project === "unit" },
    reporters: [process.stdout.isTTY ? "default" : "verbose", { onTestRunEnd: (modules) => count(modules) }],
  });
  const unhandledErrors = vitest.state.getUnhandledErrors().length;
  await vitest.close();
  // A project whose set-up fails runs no test and reports no failed one.
  if (counts.failed === before && (unhandledErrors > 0 || process.exitCode)) counts.failed += 1;
}

function count(modules: readonly TestModule[]): void {
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") counts.passed += 1;
      else if (state === "failed") counts.failed += 1;
      else counts.skipped += 1;
    }
    // A file that cannot be loaded, or whose hooks fail, has errors of its own.
    const suites = [module, ...module.children.allSuites()];
    counts.failed += suites.filter((suite) => suite.errors().length > 0).length;
  }
}
