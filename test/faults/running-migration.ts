import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { expect } from "vitest";
import { until } from "../../tools/environment/until.ts";
import type { Database } from "../e2e/scenario/database-server.ts";
import { hasWaitingPod, isServing, type ReleaseState } from "../e2e/scenario/release-state.ts";
import { everyKind, type steps, stopAt } from "../support/every-kind.ts";
import { buildBundle } from "../support/run-cli.ts";
import { type Snapshot, snapshot } from "../support/snapshot.ts";
import type { MigrationFiles, Stage } from "./scenario.ts";

/** Migrations of every kind, which stand still where {@link RunningMigrations.begin} says. */
export const everyMigration = everyKind({ stoppable: true });

/** What users of other tools report of a migrator that ended in the middle. */
export const dirtyElsewhere = {
  become: "the migration is marked dirty, or its lock stays in a table, until somebody mends the database by hand",
  reports: ["goharbor/harbor-helm#846", "camunda/camunda#48343", "spinnaker/spinnaker#6625"],
};

/** For the scenarios of one file that disturb a migration in its middle. */
export interface RunningMigrations {
  /**
   * Installs a release with `everyMigration` and returns its Job's pod, once the migration stands still at a step and the
   * application waits for it. It would stand still for an hour; what runs after it does not.
   */
  readonly begin: (stage: Stage, step: (typeof steps)[number], ...flags: string[]) => Promise<string>;
  /**
   * Waits until the application serves, without a restart of its waiter, and the database holds what an undisturbed run
   * of the same migrations leaves.
   */
  readonly completes: (stage: Stage, files?: MigrationFiles) => Promise<ReleaseState>;
  /** Holds schema, rows and history against those of a database on which nothing disturbed the same migrations. */
  readonly expectUndisturbed: (stage: Stage, files?: MigrationFiles) => Promise<void>;
}

/** To be called once, at the file's top. */
export function runningMigrations(): RunningMigrations {
  const bundle = buildBundle("migrator");
  const undisturbed = new Map<MigrationFiles, Promise<Snapshot>>();
  const expectUndisturbed: RunningMigrations["expectUndisturbed"] = async (stage, files = everyMigration) => {
    const expected = undisturbed.get(files) ?? leftBy(bundle, files, stage.server, undisturbed.size);
    undisturbed.set(files, expected);
    const left = await expected;
    expect(await readSnapshot(stage.release.database)).toEqual(left);
  };
  return {
    begin: async ({ release, upgrade }, step, ...flags) => {
      await databaseStopsAt(release.database, step);
      await upgrade(everyMigration, ...flags);
      await until("the migration stands still", () => isAsleep(release.database));
      await databaseStopsAt(release.database, undefined);
      const { pods } = await release.reaches("the application waits", hasWaitingPod);
      expect(pods.map(({ state }) => state)).toEqual(["waiting"]);
      return migrationPod(release.namespace);
    },
    completes: async (stage, files) => {
      const state = await stage.recovers("the application serves", isServing);
      expect(state.pods.map(({ restarts }) => restarts)).toEqual([0]);
      expect(state.jobs.map(({ state }) => state)).toEqual(["complete"]);
      await expectUndisturbed(stage, files);
      return state;
    },
    expectUndisturbed,
  };
}

/** The name of the one pod of a migration Job that runs; waits for it, because a migration is under way before the API server knows. */
export function migrationPod(namespace: Stage["release"]["namespace"]): Promise<string> {
  return until("one pod of a migration Job runs", async () => {
    const { items } = await namespace.get<{ items: V1Pod[] }>("pods", "--selector", "batch.kubernetes.io/job-name");
    const running = items.filter(({ status, metadata }) => status?.phase === "Running" && !metadata?.deletionTimestamp);
    return running.length === 1 && running[0]?.metadata?.name;
  });
}

function databaseStopsAt(database: Database, step: (typeof steps)[number] | undefined): Promise<void> {
  // Statements like this one return no rows.
  const superuser = async (sql: string) => (await database.query(sql)) as never[];
  return stopAt({ name: database.name, superuser }, step);
}

/** True while a migration stands still where {@link RunningMigrations.begin} has stopped it. */
export async function isAsleep(database: Database): Promise<boolean> {
  const asleep = "wait_event = 'PgSleep' and datname = current_database()";
  return (await database.query(`select from pg_stat_activity where ${asleep}`)).length > 0;
}

/** Without which pod of which image applied a migration, which the history tells too. */
async function readSnapshot(database: Database): Promise<Snapshot> {
  // While its readiness probe is late, on a busy machine, the Service refuses connections.
  const { history, ...rest } = await until("the database accepts a connection", () => snapshot(database));
  return { ...rest, history: history.map(({ image: _image, application_name: _name, ...row }) => row) };
}

async function leftBy(bundle: string, files: MigrationFiles, server: Stage["server"], nth: number): Promise<Snapshot> {
  const database = await server.createDatabase(`undisturbed-${nth}`);
  const directory = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    for (const [file, sql] of Object.entries(files)) await writeFile(join(directory, file), sql);
    const env = { DATABASE_URL: database.url };
    await execa(process.execPath, [bundle, "--dir", directory], { env, extendEnv: false });
  } finally {
    await rm(directory, { recursive: true });
  }
  return readSnapshot(database);
}
