import { expect, test } from "vitest";
import { startEngine } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { everyKind } from "../support/every-kind.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { onEmptyDatabases } from "../support/on-empty-databases.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { snapshot } from "../support/snapshot.ts";
import { undisturbedRun } from "../support/undisturbed-run.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["--dir", dir, ...args], { DATABASE_URL: database.url });

test.each([
  ["an empty database", false],
  ["a database with the history of another set", true],
])("twenty runners at once on %s apply each migration once, and all end with 0", async (_, hasHistory) => {
  const dir = migrations(everyKind({ pauseMs: 20 }));
  const undisturbed = await undisturbedRun(server, (database) => start(database, dir));
  const database = await server.createDatabase();
  if (hasHistory) await start(database, migrations({ "1_none.sql": "select 1;" }), "--set", "other").ended();
  const results = await Promise.all(Array.from({ length: 20 }, () => start(database, dir).ended()));
  expect(results.map(({ exitCode }) => exitCode)).toEqual(results.map(() => 0));
  expect(results.reduce((sum, { last }) => sum + Number(last["applied"]), 0)).toBe(7);
  const { history, ...rest } = await snapshot(database);
  expect({ ...rest, history: history.filter((row) => row["set_name"] === "default") }).toEqual(undisturbed.result);
});

const rounds = Array.from({ length: 50 }, (_, index) => index + 1);

test("a concurrent build and a runner that waits for its lock never deadlock, 50 times of 50", async () => {
  await onEmptyDatabases(
    server,
    rounds,
    (round) => `round ${round}`,
    async (database) => {
      const dir = migrations({ "1_table.sql": "create table a (n int);" });
      await startEngine(database.url, dir).ended;
      // Every concurrent build on the table waits for the end of this transaction.
      const writer = await database.connect();
      await writer.query("begin; insert into a values (1)");
      addMigrations(dir, { "2_index.sql": "create index concurrently a_n on a (n);" });
      const runners = [startEngine(database.url, dir), startEngine(database.url, dir)];
      await eventually("one runner waits for the other", async () =>
        runners.some(({ log }) => log.some(({ msg }) => msg === "another run holds the lock")),
      );
      await eventually("a deadlock would have been found", async () => (await database.query(longBuild)).length > 0);
      await writer.query("commit");
      const ended = await Promise.all(runners.map((runner) => runner.ended));
      expect(ended.map(({ success }) => success.applied).sort()).toEqual([0, 1]);
      const index = "select indisvalid as valid from pg_index where indexrelid = 'a_n'::regclass";
      expect(await database.query(index)).toEqual([{ valid: true }]);
    },
  );
});

/** A build that has waited for longer than deadlock_timeout. */
const longBuild = `
  select 1 from pg_stat_activity a join pg_stat_progress_create_index p using (pid)
   where a.datname = current_database()
     and clock_timestamp() - a.query_start > 2 * current_setting('deadlock_timeout')::interval`;
