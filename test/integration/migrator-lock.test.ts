import { expect, test } from "vitest";
import { lockKey } from "../../packages/migrator/src/database/lock.ts";
import { eventually } from "../support/eventually.ts";
import { isLockFree } from "../support/migration-lock.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["up", "--allow-existing-tables", "--dir", dir, ...args], { DATABASE_URL: database.url });
const up = (database: TestDatabase, dir: string, ...args: string[]) => start(database, dir, ...args).ended();

const isRunning = (database: TestDatabase, fragment: string) => async () =>
  (
    await database.query(
      "select 1 from pg_stat_activity where state = 'active' and query ~ $1 and pid <> pg_backend_pid()",
      [fragment],
    )
  ).length > 0;

test("a lock that is not given back within the budget ends with 5 and names its holder", async () => {
  const database = await server.createDatabase();
  const holder = await database.connect();
  await holder.query("set application_name = 'somebody else'");
  await holder.query("select pg_advisory_lock($1)", [lockKey(database.name, "migration_gate.history", "default")]);
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const result = await up(database, dir, "--wait-budget", "500ms");
  expect(result).toMatchObject({ exitCode: 5, last: { reason: expect.stringContaining("somebody else") } });
  const { rows } = await holder.query("select pg_backend_pid() as pid");
  expect(result.log.find(({ msg }) => msg === "another run holds the lock")).toMatchObject({
    holder: { pid: rows[0].pid, user: "owner", applicationName: "somebody else" },
  });
  await holder.end();
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a migrator killed in the middle leaves nothing, and its lock is free within a second", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a ();",
    "2_slow.sql": "create table b (); select pg_sleep(30); create table c ();",
  });
  const killed = start(database, dir);
  await eventually("the slow migration runs", isRunning(database, "pg_sleep"));
  killed.process.kill("SIGKILL");
  await eventually("the lock is free", () => isLockFree(database), 1000);
  addMigrations(dir, { "2_slow.sql": "create table b ();" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await database.query("select key, state from migration_gate.history order by 1")).toEqual([
    { key: "1_a", state: "done" },
    { key: "2_slow", state: "done" },
  ]);
});

test("SIGTERM cancels the statement, rolls back and ends with 143", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_slow.sql": "create table a (); select pg_sleep(30);" });
  const run = start(database, dir);
  await eventually("the slow migration runs", isRunning(database, "pg_sleep"));
  run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({
    exitCode: 143,
    last: { outcome: "failed", reason: "interrupted by SIGTERM; migration 1_slow is rolled back" },
  });
  expect(await isRunning(database, "pg_sleep")()).toBe(false);
  expect(
    await database.query("select to_regclass('a') as a, (select count(*)::int from migration_gate.history) as n"),
  ).toEqual([{ a: null, n: 0 }]);
});

test.each([
  ["the lock", "another run holds the lock"],
  ["a blocked table", "migration is blocked, trying again"],
])("SIGTERM ends the wait for %s", async (_, message) => {
  const database = await server.createDatabase();
  await database.query("create table a ()");
  const other = await database.connect();
  if (message.includes("blocked")) await other.query("begin; select * from a");
  else await other.query("select pg_advisory_lock($1)", [lockKey(database.name, "migration_gate.history", "default")]);
  const run = start(database, migrations({ "1_a.sql": "alter table a add b int" }), "--lock-timeout", "300ms");
  await run.logged(message);
  run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({ exitCode: 143 });
});

test("a connection that is cut in a migration is made again, and the migration applied once", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a (n int);",
    "2_b.sql": "insert into a values (1); select pg_sleep(3);",
  });
  const run = start(database, dir);
  await eventually("the migration runs", isRunning(database, "pg_sleep"));
  await database.superuser(
    "select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'pg_sleep' and pid <> pg_backend_pid()",
  );
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  expect(run.log).toContainEqual(
    expect.objectContaining({ level: "warn", msg: "lost the database, connecting again" }),
  );
  expect(await database.query("select n from a")).toEqual([{ n: 1 }]);
});

test("a migration blocked by a long transaction is tried again, and the blocker named", async () => {
  const database = await server.createDatabase();
  await database.query("create table a (id int)");
  const blocker = await database.connect();
  await blocker.query("set application_name = 'long report'");
  await blocker.query("begin; select * from a");
  const run = start(database, migrations({ "1_a.sql": "alter table a add column b int;" }), "--lock-timeout", "800ms");
  expect(await run.logged("migration is blocked, trying again")).toMatchObject({
    migration: "1_a",
    sqlState: "55P03",
    blockers: [{ applicationName: "long report", user: "owner", state: "idle in transaction" }],
  });
  await blocker.query("commit");
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a migration that stays blocked for the whole budget ends with 5 and names the blocker", async () => {
  const database = await server.createDatabase();
  await database.query("create table a (id int)");
  const blocker = await database.connect();
  await blocker.query("set application_name = 'long report'");
  await blocker.query("begin; select * from a");
  const dir = migrations({ "1_a.sql": "alter table a add column b int;" });
  expect(await up(database, dir, "--lock-timeout", "800ms", "--wait-budget", "1s")).toMatchObject({
    exitCode: 5,
    last: { sqlState: "55P03", file: "1_a.sql", line: 1, reason: expect.stringContaining("long report") },
  });
  addMigrations(dir, { "1_a.sql": "-- gate: no-retry\n-- gate: lock-timeout=100ms\nalter table a add column b int;" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { sqlState: "55P03", line: 3 } });
});

test("where the lock is lost, the history's own key keeps a second runner out", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a (n int);",
    "2_b.sql": "insert into a values (1); select pg_advisory_unlock_all(), pg_sleep(4);",
  });
  const first = start(database, dir);
  await eventually("the first runner has given up the lock", isRunning(database, "pg_advisory_unlock_all"));
  const second = await up(database, dir);
  expect(second).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  expect(second.log).toContainEqual(
    expect.objectContaining({ msg: "another run migrates the same database, reading the history again" }),
  );
  expect(await first.ended()).toMatchObject({ exitCode: 0 });
  expect(await database.query("select n from a")).toEqual([{ n: 1 }]);
});
