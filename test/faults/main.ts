// `npm run test:faults`: plays the scenarios on the local cluster, and writes what came of it into docs/reliability.md.
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { createVitest, type TestModule } from "vitest/node";
import { clients, type HelmMajor } from "../../tools/environment/cluster.ts";
import { generatedPage, reliabilityPage } from "../../tools/reliability/page.ts";
import {
  addRuns,
  readResults,
  type ScenarioRun,
  type Versions,
  writeResults,
} from "../../tools/reliability/results.ts";

const usage = `usage: npm run test:faults -- [--repeat N] [--name PATTERN] [FILE...]
  --repeat N       play each scenario N times, alternately with Helm 4 and Helm 3 (1)
  --outage N       how long the API server is away, in seconds (120)
  --page           play nothing, and write the page after the results of earlier runs (test/faults/results.json)
  --name PATTERN   only scenarios whose text matches this regular expression
  FILE...          only files whose path contains one of these texts`;

const { values, positionals } = parseArgs({
  options: {
    repeat: { type: "string", default: "1" },
    name: { type: "string" },
    outage: { type: "string", default: "120" },
    page: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [repeat, outageSeconds] = [Number(values.repeat), Number(values.outage)];
if (values.help) console.log(usage);
else if (![repeat, outageSeconds].every((number) => Number.isInteger(number) && number > 0)) {
  console.error(`--repeat and --outage want a positive number\n${usage}`);
  process.exitCode = 2;
} else if (values.page) await writePage();
else await playRounds(repeat);

/** Results are written after each round, so that an interrupted command keeps what it has. */
async function playRounds(rounds: number): Promise<void> {
  const versions = await readVersions();
  let isWell = true;
  for (let round = 1; round <= rounds; round += 1) {
    const helm = round % 2 === 1 ? 4 : 3;
    console.log(`\nround ${round} of ${rounds}, with Helm ${helm}`);
    const { runs, passed } = await play(helm);
    isWell &&= passed;
    const date = new Date().toISOString().slice(0, 10);
    await writeResults(addRuns(await readResults(), runs, date, versions));
    await writePage();
  }
  process.exitCode = isWell ? 0 : 1;
}

async function writePage(): Promise<void> {
  await writeFile(reliabilityPage, await generatedPage());
}

async function play(helm: HelmMajor): Promise<{ readonly runs: readonly ScenarioRun[]; readonly passed: boolean }> {
  const vitest = await createVitest("test", {
    watch: false,
    project: ["faults"],
    ...(values.name !== undefined && { testNamePattern: values.name }),
    reporters: [process.stdout.isTTY ? "default" : "verbose"],
  });
  // What vitest.config.ts provides is every project's own, which wins over what Vitest as a whole is told.
  for (const { provide } of vitest.projects) {
    provide("faultsHelm", helm);
    provide("faultsOutageSeconds", outageSeconds);
  }
  const { testModules, unhandledErrors } = await vitest.start(positionals);
  const passed = unhandledErrors.length === 0 && testModules.length > 0 && testModules.every((module) => module.ok());
  const runs = testModules.flatMap(scenarioRuns);
  await vitest.close();
  return { runs, passed };
}

/** A test that failed after its scenario had come to its end has failed all the same. */
function scenarioRuns(module: TestModule): ScenarioRun[] {
  return [...module.children.allTests()].flatMap((test) => {
    const run = test.meta().scenarioRun;
    if (!run) return [];
    const { recoveredSeconds: _, ...failed } = run;
    return [test.result().state === "passed" ? run : failed];
  });
}

/** Of what the scenarios are played with: clients and servers of the cluster are built from the same modules. */
async function readVersions(): Promise<Versions> {
  const { kubectl, helm } = await clients();
  const read = async (file: string, ...args: string[]) => (await execa(file, args)).stdout;
  const { clientVersion } = JSON.parse(await read(kubectl, "version", "--client", "--output", "json"));
  const ofHelm = async (major: HelmMajor) => (await read(helm[major], "version", "--template", "{{.Version}}")).trim();
  const postgres = JSON.parse(await readFile("test/images/postgres/package.json", "utf8")).version;
  const product = JSON.parse(await readFile("package.json", "utf8")).version;
  return {
    "migration-gate": product,
    Kubernetes: clientVersion.gitVersion,
    Helm: `${await ofHelm(4)} and ${await ofHelm(3)}`,
    PostgreSQL: postgres,
  };
}
