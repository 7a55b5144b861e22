import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const up = (url: string, dir: string, ...flags: readonly string[]) =>
  startCli(bundle, ["up", "--allow-existing-tables", "--dir", dir, ...flags], { DATABASE_URL: url }).ended();

/** Runs a file until its last statement fails, corrects that one, and runs it again. */
async function interrupted(database: TestDatabase, state: string, last: string, url = database.url) {
  const begin = `-- gate: no-transaction\n${state}\n`;
  const dir = migrations({ "1_a.sql": `${begin}select 1/0;` });
  expect(await up(url, dir)).toMatchObject({ exitCode: 4, last: { sqlState: "22012" } });
  addMigrations(dir, { "1_a.sql": `${begin}${last}` });
  return await up(url, dir);
}

const note = "create table public.seen as select current_schema() as schema, current_user::text as role;";
const seen = (database: TestDatabase) => database.query("select * from public.seen");

test.each([
  ["set search_path", "create schema app; set search_path = app;"],
  ["set session", "create schema app; set session search_path to app, public;"],
  ["set_config", "create schema app; select pg_catalog.set_config('search_path', 'app', false);"],
  ["the last of several", "create schema app; set search_path = public; reset search_path; set search_path = app;"],
  ["set schema", "create schema app; set schema 'app';"],
])("%s holds again in a file that is continued", async (_, state) => {
  const database = await server.createDatabase();
  expect(await interrupted(database, state, note)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await seen(database)).toEqual([{ schema: "app", role: "owner" }]);
});

test("what was reset stays reset", async () => {
  const database = await server.createDatabase();
  const state = "create schema app; set search_path = app; reset search_path;";
  expect(await interrupted(database, state, note)).toMatchObject({ exitCode: 0 });
  expect(await seen(database)).toEqual([{ schema: "public", role: "owner" }]);
});

test("the role that the file has set holds again, and the history is written as the run's own", async () => {
  const database = await server.createDatabase();
  await database.superuser(`create role ${database.name}_app; grant ${database.name}_app to owner;
    grant create, usage on schema public to ${database.name}_app`);
  const state = `set role ${database.name}_app;`;
  expect(await interrupted(database, state, note)).toMatchObject({ exitCode: 0 });
  expect(await seen(database)).toEqual([{ schema: "public", role: `${database.name}_app` }]);
});

test("the session's authorization holds again", async () => {
  const database = await server.createDatabase();
  const state = "set session authorization owner;";
  expect(await interrupted(database, state, note, database.superuserUrl)).toMatchObject({ exitCode: 0 });
  expect(await seen(database)).toEqual([{ schema: "public", role: "owner" }]);
});

test.each([
  ["a temporary table", "create temp table t ();"],
  ["a temporary view", "create or replace temporary view t as select 1;"],
  ["a prepared statement", "prepare p as select 1;"],
  ["a cursor", "declare c cursor with hold for select 1;"],
  ["a subscription to notifications", "listen t;"],
])("%s is gone with the session: the file is refused with its line", async (_, state) => {
  const database = await server.createDatabase();
  expect(await interrupted(database, state, "select 1;")).toMatchObject({
    exitCode: 3,
    last: { line: 2, reason: expect.stringContaining("migrator resolve") },
  });
});

test.each([
  ["one transaction", "", "set lock_timeout = '7s';"],
  ["statement by statement", "-- gate: no-transaction\n", "set lock_timeout = '7s';"],
  [
    "statement by statement, by a function",
    "-- gate: no-transaction\n",
    "select set_config('lock_timeout', '7s', false);",
  ],
])("a file's own lock_timeout holds in %s, with a warning", async (_, directive, set) => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": `${directive}${set}\ncreate table a as select current_setting('lock_timeout') as lock_timeout;`,
    "2_b.sql": "create table b as select current_setting('lock_timeout') as lock_timeout;",
  });
  const result = await up(database.url, dir, "--lock-timeout", "3s");
  expect(result).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  expect(result.log.filter(({ msg }) => msg.includes("sets lock_timeout itself"))).toHaveLength(1);
  expect(await database.query("select a.lock_timeout as a, b.lock_timeout as b from a, b")).toEqual([
    { a: "7s", b: "3s" },
  ]);
});
