import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What a scenario is about, as its row of docs/reliability.md says it. */
export interface ScenarioDescription {
  /** In kebab-case. */
  readonly id: string;
  /** What happens. */
  readonly disturbance: string;
  /** What becomes of it elsewhere, with the reports that say so, as `OWNER/REPOSITORY#NUMBER`. */
  readonly others?: { readonly become: string; readonly reports: readonly string[] };
  /** What becomes of it here. */
  readonly ours: string;
}

/** How one run of a scenario went. */
export interface ScenarioRun extends ScenarioDescription {
  readonly group: string;
  /** From the end of the disturbance to what is expected; absent where that did not come. */
  readonly recoveredSeconds?: number;
}

export interface ScenarioResult extends ScenarioDescription {
  readonly group: string;
  /** Of the latest runs that went as expected, without another one between them. */
  readonly recoveredSeconds: readonly number[];
  /** Of the latest run, as YYYY-MM-DD. */
  readonly date: string;
}

/** What the newest runs were made with. */
export type Versions = Readonly<Record<string, string>>;

/** As a sentence lists them. */
export function describeVersions(versions: Versions): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

export interface Results {
  readonly versions: Versions;
  readonly scenarios: readonly ScenarioResult[];
}

/** Adds runs to earlier results: a run that did not go as expected begins the count anew. */
export function addRuns(results: Results, runs: readonly ScenarioRun[], date: string, versions: Versions): Results {
  const scenarios = new Map(results.scenarios.map((result) => [result.id, result]));
  for (const { recoveredSeconds, ...run } of runs) {
    const earlier = scenarios.get(run.id)?.recoveredSeconds ?? [];
    const seconds = recoveredSeconds === undefined ? [] : [...earlier, recoveredSeconds];
    scenarios.set(run.id, { ...run, recoveredSeconds: seconds, date });
  }
  return { versions, scenarios: [...scenarios.values()] };
}

const file = fileURLToPath(new URL("../../test/faults/results.json", import.meta.url));

export async function readResults(): Promise<Results> {
  return JSON.parse(await readFile(file, "utf8"));
}

export async function writeResults(results: Results): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
