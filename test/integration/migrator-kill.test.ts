import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { everyKind } from "../support/every-kind.ts";
import { isLockFree } from "../support/migration-lock.ts";
import { migrations } from "../support/migrations.ts";
import { onEmptyDatabases } from "../support/on-empty-databases.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { spreadMoments } from "../support/random.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { snapshot } from "../support/snapshot.ts";
import { undisturbedRun } from "../support/undisturbed-run.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string) => startCli(bundle, ["--dir", dir], { DATABASE_URL: database.url });

const kills = 30;
const seed = Number(process.env["FAULT_SEED"] ?? 1);

test(`${kills} runs killed at random moments (FAULT_SEED=${seed}) give back their lock within a second, and the next ones leave what undisturbed ones do`, async () => {
  const dir = migrations(everyKind({ pauseMs: 50 }));
  const undisturbed = await undisturbedRun(server, (database) => start(database, dir));
  let hits = 0;
  const moments = spreadMoments(seed, kills, undisturbed.durationMs);
  await onEmptyDatabases(
    server,
    moments,
    (moment) => `killed after ${moment} ms`,
    async (database, moment) => {
      const killed = start(database, dir);
      await killed.logged("migrator started");
      await delay(moment);
      if (killed.process.kill("SIGKILL")) hits++;
      await eventually("the lock is free", () => isLockFree(database), 1000);
      expect(await start(database, dir).ended()).toMatchObject({ exitCode: 0 });
      expect(await snapshot(database)).toEqual(undisturbed.result);
    },
  );
  // A machine that is busy with other things may have let some of them end first.
  expect(hits).toBeGreaterThan(kills / 2);
});
