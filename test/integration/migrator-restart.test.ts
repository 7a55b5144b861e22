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

const runs = 8;

test.each(["immediate", "fast"] as const)(
  "runs in which the server is restarted at any moment (%s stop) go on by themselves, and leave what undisturbed ones do",
  async (how) => {
    const dir = migrations(everyKind({ pauseMs: 150 }));
    const start = (database: TestDatabase) => startCli(bundle, ["--dir", dir], { DATABASE_URL: database.url });
    const undisturbed = await undisturbedRun(server, start);
    const databases = await Promise.all(Array.from({ length: runs }, () => server.createDatabase()));
    // The server serves them all: one restart meets each of them at another moment.
    const moments = spreadMoments(1, runs, undisturbed.durationMs);
    const started = await Promise.all(
      databases.map(async (database, index) => {
        await delay(moments[index]);
        const run = start(database);
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
