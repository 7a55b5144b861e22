import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { everyKind } from "../support/every-kind.ts";
import { migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { spreadMoments } from "../support/random.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { snapshot } from "../support/snapshot.ts";
import { undisturbedRun } from "../support/undisturbed-run.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["--dir", dir, ...args], { DATABASE_URL: database.url });

const runs = 8;

test.each(["immediate", "fast"] as const)(
  "runs in which the server is restarted at any moment (%s stop) go on by themselves, and leave what undisturbed ones do",
  async (how) => {
    const dir = migrations(everyKind({ pauseMs: 150 }));
    const undisturbed = await undisturbedRun(server, (database) => start(database, dir));
    const databases = await Promise.all(Array.from({ length: runs }, () => server.createDatabase()));
    // The server serves them all: one restart meets each of them at another moment.
    const moments = spreadMoments(1, runs, undisturbed.durationMs);
    const started = await Promise.all(
      databases.map(async (database, index) => {
        await delay(moments[index]);
        const run = start(database, dir);
        await run.logged("migrator started");
        return run;
      }),
    );
    await server.stop(how);
    const interrupted = started.filter(({ process }) => process.exitCode === null).length;
    await server.start();
    const results = await Promise.all(started.map((run) => run.ended()));
    expect(results.map(({ exitCode }) => exitCode)).toEqual(databases.map(() => 0));
    for (const database of databases) expect(await snapshot(database)).toEqual(undisturbed.result);
    expect(interrupted).toBeGreaterThan(runs / 2);
  },
);

test("a server that stays away for longer than the wait budget ends the run with 5, and the next one goes on", async () => {
  const dir = migrations(everyKind({ pauseMs: 150 }));
  const undisturbed = await undisturbedRun(server, (database) => start(database, dir));
  const database = await server.createDatabase();
  const run = start(database, dir, "--wait-budget", "500ms");
  await run.logged("migration runs statement by statement");
  await server.stop("immediate");
  expect(await run.ended()).toMatchObject({ exitCode: 5 });
  await server.start();
  expect(await start(database, dir).ended()).toMatchObject({ exitCode: 0 });
  expect(await snapshot(database)).toEqual(undisturbed.result);
});
