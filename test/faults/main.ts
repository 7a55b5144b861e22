// `npm run test:faults`: plays the scenarios, or the load, on the local cluster, and writes into docs/reliability.md what came of it.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { TestCase } from "vitest/node";
import { writeLoadResults } from "../../tools/reliability/load-results.ts";
import { generatedPage, reliabilityPage } from "../../tools/reliability/page.ts";
import { addRuns, readResults, type ScenarioRun, writeResults } from "../../tools/reliability/results.ts";
import { play } from "./play.ts";
import { readVersions } from "./versions.ts";

const usage = `usage: npm run test:faults -- [--repeat N] [--name PATTERN] [--outage N] [FILE...]
       npm run test:faults -- load [--minutes N]
  FILE...          only scenarios in files whose path contains one of these texts
  --repeat N       play each scenario N times, alternately with Helm 4 and Helm 3 (1)
  --name PATTERN   only scenarios whose text matches this regular expression
  --outage N       how long the API server is away, in seconds (120)
  load             instead of the scenarios: the blog under constant load, with a release every minute
  --minutes N      for how long, and so how many releases (20)
  --page           play nothing, and write the page after the results of earlier runs (test/faults/*results.json)`;

const { values, positionals } = parseArgs({
  options: {
    repeat: { type: "string", default: "1" },
    name: { type: "string" },
    outage: { type: "string", default: "120" },
    minutes: { type: "string", default: "20" },
    page: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const [repeat, outageSeconds, minutes] = [Number(values.repeat), Number(values.outage), Number(values.minutes)];
if (values.help) console.log(usage);
else if (![repeat, outageSeconds, minutes].every((number) => Number.isInteger(number) && number > 0)) {
  console.error(`--repeat, --outage and --minutes want a positive number\n${usage}`);
  process.exitCode = 2;
} else if (values.page) await writePage();
else if (positionals.join() === "load") await playLoad();
else await playRounds();

/** Results are written after each round, so that an interrupted command keeps what it has. */
async function playRounds(): Promise<void> {
  const versions = await readVersions();
  let isWell = true;
  for (let round = 1; round <= repeat; round += 1) {
    const helm = round % 2 === 1 ? 4 : 3;
    console.log(`\nround ${round} of ${repeat}, with Helm ${helm}`);
    const { tests, passed } = await play({
      projects: ["faults", "disruptive"],
      files: positionals,
      namePattern: values.name,
      prepare: ({ provide }) => {
        provide("faultsHelm", helm);
        provide("faultsOutageSeconds", outageSeconds);
      },
    });
    isWell &&= passed;
    await writeResults(addRuns(await readResults(), tests.flatMap(scenarioRun), today(), versions));
    await writePage();
  }
  process.exitCode = isWell ? 0 : 1;
}

/** A run that came to its end is kept and shown, with the requests that failed. */
async function playLoad(): Promise<void> {
  const versions = await readVersions();
  const { tests, passed } = await play({
    projects: ["load"],
    prepare: ({ provide }) => provide("loadMinutes", minutes),
  });
  for (const { loadRun } of tests.map((test) => test.meta())) {
    if (loadRun) await writeLoadResults({ versions, date: today(), ...loadRun });
  }
  await writePage();
  process.exitCode = passed ? 0 : 1;
}

async function writePage(): Promise<void> {
  await writeFile(reliabilityPage, await generatedPage());
}

/** A test that failed after its scenario had come to its end has failed all the same. */
function scenarioRun(test: TestCase): ScenarioRun[] {
  const run = test.meta().scenarioRun;
  if (!run) return [];
  const { recoveredSeconds: _, ...failed } = run;
  return [test.result().state === "passed" ? run : failed];
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
