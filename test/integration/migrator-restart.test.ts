import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { everyKind, steps, stopAt } from "../support/every-kind.ts";
import { migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { snapshot } from "../support/snapshot.ts";
import { undisturbedRun } from "../support/undisturbed-run.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["--dir", dir, ...args], { DATABASE_URL: database.url });

const isAsleep = async (database: TestDatabase) =>
  (
    await database.query(
      "select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database() and pid <> pg_backend_pid()",
    )
  ).length > 0;

test.each(["immediate", "fast"] as const)(
  "runs in which the server is restarted at any step (%s stop) go on by themselves, and leave what undisturbed ones do",
  async (how) => {
    const dir = migrations(everyKind({ stoppable: true }));
    const undisturbed = await undisturbedRun(server, (database) => start(database, dir));
    // The server serves them all: one restart meets each of them at another step.
    const runs = await Promise.all(
      steps.map(async (step) => {
        const database = await server.createDatabase();
        await stopAt(database, step);
        const run = start(database, dir);
        await eventually(`a run stops at step ${step}`, () => isAsleep(database), 30_000);
        await stopAt(database, undefined);
        return { database, run };
      }),
    );
    await server.stop(how);
    await server.start();
    for (const { database, run } of runs) {
      expect(await run.ended()).toMatchObject({ exitCode: 0 });
      expect(await snapshot(database)).toEqual(undisturbed.result);
    }
  },
);

test("a server that stays away for longer than the wait budget ends the run with 5, and the next one goes on", async () => {
  const dir = migrations(everyKind({ stoppable: true }));
  const undisturbed = await undisturbedRun(server, (database) => start(database, dir));
  const database = await server.createDatabase();
  await stopAt(database, "5 alone");
  const run = start(database, dir, "--wait-budget", "500ms");
  await eventually("the run stops", () => isAsleep(database));
  await stopAt(database, undefined);
  await server.stop("immediate");
  expect(await run.ended()).toMatchObject({ exitCode: 5 });
  await server.start();
  expect(await start(database, dir).ended()).toMatchObject({ exitCode: 0 });
  expect(await snapshot(database)).toEqual(undisturbed.result);
});
