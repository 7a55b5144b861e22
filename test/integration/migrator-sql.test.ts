import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const up = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["up", "--dir", dir, ...args], { DATABASE_URL: database.url }).ended();

test("a file's own BEGIN and COMMIT, with options, become the migration's", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": `/* first */ BEGIN ISOLATION LEVEL SERIALIZABLE;
      create table a as select current_setting('transaction_isolation') as isolation;
      COMMIT; -- last`,
    "2_b.sql":
      "set transaction isolation level repeatable read; insert into a select current_setting('transaction_isolation');",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select isolation from a")).toEqual([
    { isolation: "serializable" },
    { isolation: "repeatable read" },
  ]);
  const rows = await database.query("select distinct transactional from migration_gate.history");
  expect(rows).toEqual([{ transactional: true }]);
});

test("a file with several transactions keeps them, and continues behind the last one that was committed", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "begin; create table a (n int); commit;\nbegin; insert into a values (1); select 1/0; commit;",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { line: 2, sqlState: "22012" } });
  expect(await database.query("select n from a")).toEqual([]);
  addMigrations(dir, { "1_a.sql": "begin; create table a (n int); commit;\nbegin; insert into a values (2); commit;" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select n from a")).toEqual([{ n: 2 }]);
});

test("a role that a statement-by-statement file sets stays set in that file", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role team2; grant team2 to owner; grant create on schema public to team2");
  const dir = migrations({
    "1_a.sql": "-- gate: no-transaction\nset role team2;\ncreate table a ();\ncreate table b ();",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  const rows = await database.query("select distinct tableowner from pg_tables where tablename in ('a', 'b')");
  expect(rows).toEqual([{ tableowner: "team2" }]);
});

test("a migration that removes its own history is rolled back", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a ();",
    "2_b.sql": "create table b (); delete from migration_gate.history;",
  });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 4,
    last: { reason: expect.stringContaining("its own row") },
  });
  addMigrations(dir, { "2_b.sql": "create table b (); drop schema migration_gate cascade;" });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 4,
    last: { reason: expect.stringContaining("its own row") },
  });
  expect(
    await database.query("select to_regclass('b') as b, (select count(*)::int from migration_gate.history) as n"),
  ).toEqual([{ b: null, n: 1 }]);
});

test("a file that runs statement by statement cannot remove its own history either", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "-- gate: no-transaction\ncreate table a ();\ndelete from migration_gate.history;",
  });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 4,
    last: { reason: expect.stringContaining("its own row") },
  });
  expect(await database.query("select statements_done from migration_gate.history")).toEqual([{ statements_done: 1 }]);
});

test("strings keep their meaning where the file turns standard_conforming_strings off", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql":
      "create table a (t text);\nset standard_conforming_strings = off;\ninsert into a values ('it\\'s; one');\n",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select t from a")).toEqual([{ t: "it's; one" }]);
});

test("functions with semicolons in their bodies and a procedure that commits run unmodified", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_functions.sql": `create function f() returns int language sql begin atomic select case when true then 1 end; select 2; end;
      create function g() returns int language plpgsql as $body$ begin return 3; end $body$;
      create procedure p() language plpgsql as $$ begin create table p1 (); commit; create table p2 (); end $$;`,
    "2_call.sql": "-- gate: no-transaction\ncall p();",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select f(), g(), to_regclass('p2') is not null as p2")).toEqual([
    { f: 2, g: 3, p2: true },
  ]);
});

test("an enum value is used by the file after the one that adds it", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create type e as enum ('x'); create table a (e e);",
    "2_b.sql": "alter type e add value 'y';",
    "3_c.sql": "insert into a values ('y');",
    "4_comment.sql": "-- nothing but a comment",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 4 } });
});

test("passwords are masked in the history", async () => {
  const database = await server.createDatabase();
  await database.superuser("alter role owner createrole");
  const dir = migrations({ "1_a.sql": "create role app_reader login password 'hunter2';" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select script from migration_gate.history")).toEqual([
    { script: "create role app_reader login password '***';" },
  ]);
});

test("every layout of migration folders is read as its tool reads it", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "001_gm.up.sql": "create table gm ();",
    "001_gm.down.sql": "drop table gm;",
    "2_goose.sql":
      "-- +goose Up\n-- +goose StatementBegin\ncreate table goose ();\n-- +goose StatementEnd\n-- +goose Down\ndrop table goose;",
    "3_dbmate.sql": "-- migrate:up\ncreate table dbmate ();\n\n-- migrate:down\ndrop table dbmate;",
    "4_tern.sql": "create table tern ();\n---- create above / drop below ----\ndrop table tern;",
    "V5.1__flyway.sql": "create table flyway ();",
    "6-0_diesel/up.sql": "create table diesel ();",
    "6-0_diesel/down.sql": "drop table diesel;",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 6 } });
  const prisma = migrations({
    "20200101_b/migration.sql": "create table p_b ();",
    "20200101_a/migration.sql": "create table p_a ();",
  });
  expect(await up(database, prisma, "--set", "prisma")).toMatchObject({
    exitCode: 0,
    last: { appliedTo: "20200101_b" },
  });
  const tables = await database.query("select tablename from pg_tables where schemaname = 'public' order by 1");
  expect(tables.map(({ tablename }) => tablename)).toEqual([
    "dbmate",
    "diesel",
    "flyway",
    "gm",
    "goose",
    "p_a",
    "p_b",
    "tern",
  ]);
});
