import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...flags: readonly string[]) =>
  startCli(bundle, ["up", "--allow-existing-tables", "--dir", dir, ...flags], { DATABASE_URL: database.url });

/** A run whose index build waits for another session's transaction. */
async function buildingRun(sql: string, ...flags: readonly string[]) {
  const database = await server.createDatabase();
  await database.query("create table a (n int)");
  const writer = await database.connect();
  await writer.query("begin; insert into a values (1)");
  const dir = migrations({ "1_a.sql": sql });
  const run = start(database, dir, ...flags);
  await eventually("the build waits", async () => (await invalidIndexes(database)).length > 0);
  return { database, writer, dir, run };
}

const invalidIndexes = (database: TestDatabase) => database.query("select from pg_index where not indisvalid");

const build = "create index concurrently a_n on a (n);\ncreate table behind_it ();";

test("an index build finishes after SIGTERM, and the run stops before the next statement", async () => {
  const { database, writer, dir, run } = await buildingRun(build);
  run.process.kill("SIGTERM");
  await run.logged("interrupted, the running statement may finish first");
  await writer.query("commit");
  expect(await run.ended()).toMatchObject({
    exitCode: 143,
    last: {
      line: 2,
      reason: expect.stringMatching(
        /SIGTERM: finished the running statement; .* continues .* at statement 2 \(1_a.sql:2\)/,
      ),
    },
  });
  expect(await invalidIndexes(database)).toEqual([]);
  const rerun = await start(database, dir).ended();
  expect(rerun).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(rerun.log).toContainEqual(expect.objectContaining({ statementsDone: 1 }));
});

test("a build that is the last statement of all finishes, and leaves nothing to do", async () => {
  const { database, writer, dir, run } = await buildingRun("create index concurrently a_n on a (n);");
  run.process.kill("SIGTERM");
  await run.logged("interrupted, the running statement may finish first");
  await writer.query("commit");
  expect(await run.ended()).toMatchObject({ exitCode: 143 });
  expect(await start(database, dir).ended()).toMatchObject({ exitCode: 0, last: { applied: 0 } });
});

test.each([
  ["at the end of the grace period", ["--grace-period", "300ms"], 1],
  ["by a second signal", [], 2],
])("a build that does not end is cancelled %s, and built by the next run", async (_, flags, signals) => {
  const { database, writer, dir, run } = await buildingRun(build, ...flags);
  run.process.kill("SIGTERM");
  await run.logged("interrupted, the running statement may finish first");
  if (signals === 2) run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({
    exitCode: 143,
    last: { reason: expect.stringMatching(/SIGTERM: cancelled the running statement.*; .* at statement 1 /) },
  });
  await writer.query("commit");
  const rerun = await start(database, dir).ended();
  expect(rerun).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(rerun.log).toContainEqual(
    expect.objectContaining({ msg: "dropped the invalid index of an interrupted build" }),
  );
  expect(await invalidIndexes(database)).toEqual([]);
});

test("a statement that can be rolled back is cancelled at once, in a file that runs statement by statement too", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "-- gate: no-transaction\ncreate table a ();\nselect pg_sleep(60);" });
  const run = start(database, dir);
  await eventually(
    "the statement runs",
    async () =>
      (
        await database.query(
          "select from pg_stat_activity where state = 'active' and query ~ 'pg_sleep\\(60\\)' and pid <> pg_backend_pid()",
        )
      ).length > 0,
  );
  run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({
    exitCode: 143,
    last: { line: 3, reason: expect.stringContaining("at statement 2 (1_a.sql:3)") },
  });
});
