import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { startStandby } from "../support/postgres-standby.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { startTcpForwarder } from "../support/tcp-forwarder.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, ...args: string[]) => startCli(bundle, args, { DATABASE_URL: database.url });

const history = (database: TestDatabase) =>
  database.query("select key, state from migration_gate.history order by applied_order");

test("a standby is waited for to the end of the budget, which says that it is in recovery", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const standby = await startStandby(server);
  const result = await start(database.at(standby.port), "--dir", dir, "--wait-budget", "1500ms").ended();
  expect(result).toMatchObject({ exitCode: 5, last: { reason: expect.stringContaining("in recovery") } });
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("status, and a run with nothing pending, are answered by a standby", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  await start(database, "--dir", dir).ended();
  const standby = await startStandby(server);
  const onStandby = database.at(standby.port);
  expect(await start(onStandby, "--dir", dir).ended()).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  addMigrations(dir, { "2_b.sql": "create table b ();" });
  expect(await start(onStandby, "status", "--exit-code", "--dir", dir).ended()).toMatchObject({ exitCode: 6 });
});

test.each([
  ["a standby", true, "the database cannot be written to yet, connecting again"],
  ["a server that lets nobody in yet (57P03)", false, "database is not available yet"],
])("%s that becomes a primary while the run waits is migrated", async (_, acceptsReads, message) => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const standby = await startStandby(server, { acceptsReads });
  const run = start(database.at(standby.port), "--dir", dir);
  await run.logged(message);
  await standby.promote();
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await history(database.at(standby.port))).toEqual([{ key: "1_a", state: "done" }]);
});

test("a run whose primary is lost goes on at the promoted standby, and applies each migration once", async () => {
  const database = await server.createDatabase();
  await database.query("create table log (n int)");
  const dir = migrations({
    "1_a.sql": "insert into log values (1);",
    "2_b.sql": "insert into log values (2); select pg_sleep(2);",
    "3_c.sql": "insert into log values (3);",
    "4_d.sql": "create index concurrently log_n on log (n);",
  });
  const standby = await startStandby(server);
  const address = await startTcpForwarder(server.port);
  const run = start(database.at(address.port), "--allow-existing-tables", "--dir", dir);
  await run.logged("applied migration");
  const promoted = database.at(standby.port);
  await eventually("the standby has the first migration", async () => (await promoted.query("select from log"))[0]);
  await server.stop("immediate");
  onTestFinished(() => server.start());
  address.switchTo(standby.port);
  await run.logged("lost the database, connecting again");
  await standby.promote();
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 4 } });
  expect(await promoted.query("select n from log order by n")).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(await history(promoted)).toEqual(["1_a", "2_b", "3_c", "4_d"].map((key) => ({ key, state: "done" })));
});

test("an address that leads from a standby to the primary is followed while the run waits", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const standby = await startStandby(server);
  const address = await startTcpForwarder(standby.port);
  const run = start(database.at(address.port), "--dir", dir);
  await run.logged("the database cannot be written to yet, connecting again");
  address.switchTo(server.port);
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});
