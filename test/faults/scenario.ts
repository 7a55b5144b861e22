import { afterAll, beforeAll, inject, test } from "vitest";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import type { ScenarioDescription, ScenarioRun } from "../../tools/reliability/results.ts";
import { tinyApplication } from "../e2e/scenario/application.ts";
import { type DatabaseServer, startDatabaseServer } from "../e2e/scenario/database-server.ts";
import { type Release, testRelease } from "../e2e/scenario/release.ts";
import { isServing, type ReleaseState } from "../e2e/scenario/release-state.ts";
import { writeChart } from "../support/helm-charts.ts";
import { provideMigrator } from "./migrator-image.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What `npm run test:faults` collects. */
    scenarioRun?: ScenarioRun;
  }
  interface ProvidedContext {
    faultsHelm: HelmMajor;
    /** How long what all of the cluster needs is taken away. */
    faultsOutageSeconds: number;
  }
}

/** SQL files by name. */
export type MigrationFiles = Readonly<Record<string, string>>;

/** A release to be disturbed, and what a scenario does with it. */
export interface Stage {
  readonly release: Release;
  /** The server that the release's database is on. */
  readonly server: DatabaseServer;
  /** Installs or upgrades to these migrations; `flags` are Helm's. */
  readonly upgrade: (files: MigrationFiles, ...flags: string[]) => Promise<void>;
  /** The same, and waits until the application serves with them. */
  readonly serves: (files: MigrationFiles, ...flags: string[]) => Promise<ReleaseState>;
  /** Does what must not matter. Its end is when recovery begins. */
  readonly disturb: (what: string, how: () => Promise<unknown>) => Promise<void>;
  /** Waits for what is expected after a disturbance, and takes the time that it took: the last one counts. */
  readonly recovers: Release["reaches"];
  /** The same for what the release's state does not tell: `wait` waits for it. */
  readonly recoversBy: <T>(what: string, wait: () => Promise<T>) => Promise<T>;
}

/** Declares a test of the release `shop` in a namespace, and with a database, of its own. */
export type Scenario = (description: ScenarioDescription, play: (stage: Stage) => Promise<void>) => void;

export interface ScenarioSettings {
  /** The heading under which docs/reliability.md shows them. */
  readonly group: string;
  /** Names the file's database server. */
  readonly name: string;
  /** False for scenarios that disturb more than their own namespace. */
  readonly concurrent?: boolean;
}

/** Prepares what the scenarios of one file share: to be called once, at its top. */
export async function scenarios({ group, name, concurrent = true }: ScenarioSettings): Promise<Scenario> {
  const images = inject("blogImages");
  const cluster = await connectLocalCluster();
  const migrator = await provideMigrator(cluster);
  const chart = await writeChart(tinyApplication(images.waiter));
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(cluster, `faults-${name}-database`, images.postgres);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  return (description, play) => {
    const { id, disturbance, ours } = description;
    test(`${disturbance}: ${ours}`, { concurrent }, async (context) => {
      context.task.meta.scenarioRun = { ...description, group };
      const settings = { cluster, name: `faults-${id}`, helm: inject("faultsHelm"), chart, server };
      const release = await testRelease(context, settings);
      const { stage, recoveredSeconds } = openStage(release, server, migrator);
      await play(stage);
      context.task.meta.scenarioRun = { ...description, group, recoveredSeconds: recoveredSeconds() };
    });
  };
}

function openStage(
  release: Release,
  server: DatabaseServer,
  migrator: string,
): { readonly stage: Stage; readonly recoveredSeconds: () => number } {
  let disturbedMs: number | undefined;
  let seconds: number | undefined;
  const upgrade: Stage["upgrade"] = (files, ...flags) => {
    const inline = `migrations.files.inline=${JSON.stringify(files)}`;
    return release.upgrade(migrator, "--set-json", inline, ...flags);
  };
  const recoversBy: Stage["recoversBy"] = async (what, wait) => {
    if (disturbedMs === undefined) throw new Error("nothing was disturbed that it could recover from");
    const result = await wait();
    seconds = Math.round((performance.now() - disturbedMs) / 10) / 100;
    release.note(`recovered: ${what}`);
    return result;
  };
  const stage: Stage = {
    release,
    server,
    upgrade,
    serves: async (files, ...flags) => {
      await upgrade(files, ...flags);
      return release.reaches("the application serves", isServing);
    },
    disturb: async (what, how) => {
      release.note(`disturbed: ${what}`);
      await how();
      release.note(`disturbed, done: ${what}`);
      disturbedMs = performance.now();
    },
    recovers: (what, ...expectation) => recoversBy(what, () => release.reaches(what, ...expectation)),
    recoversBy,
  };
  return {
    stage,
    recoveredSeconds: () => {
      if (seconds === undefined) throw new Error("the scenario ended without waiting for a recovery");
      return seconds;
    },
  };
}
