import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const up = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["up", "--dir", dir, ...args], { DATABASE_URL: database.url }).ended();

test("applies the files in the order of their numbers", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "9_table.sql": "create table a (id int primary key);",
    "10_column.sql": "alter table a add column name text -- no semicolon, and a comment at the end",
  });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 0,
    last: { msg: "migrator ended", outcome: "success", applied: 2, appliedTo: "10_column" },
  });
  expect(await database.query("select key, state from migration_gate.history order by applied_order")).toEqual([
    { key: "9_table", state: "done" },
    { key: "10_column", state: "done" },
  ]);
});

test("a run with nothing pending sends one message and writes nothing", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ()" });
  await up(database, dir);
  await database.logStatements();
  expect(await up(database, dir)).toMatchObject({
    exitCode: 0,
    last: { applied: 0, appliedFrom: "1_a", appliedTo: "1_a" },
  });
  expect(server.statements(database)).toEqual([
    expect.stringMatching(/^select [\s\S]*from "migration_gate"."history"/),
  ]);
});

test("a migration is one message, from its BEGIN to the reset of the session", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ()" });
  await up(database, dir);
  await database.logStatements();
  addMigrations(dir, { "2_b.sql": "create table b ();" });
  await up(database, dir);
  const messages = server.statements(database).filter((statement) => statement.includes("create table b"));
  expect(messages).toEqual([
    expect.stringMatching(/^begin[\s\S]*insert into[\s\S]*create table b[\s\S]*update[\s\S]*commit[\s\S]*reset all/),
  ]);
});

test("a failing migration names file, line and column, and leaves nothing behind", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_ok.sql": "create table a (id int);",
    "2_broken.sql": "create table b ();\n-- ü and 😀 move bytes, not columns\nselect '😀é', nope from a;\n",
    "3_never.sql": "create table c ();",
  });
  const result = await up(database, dir);
  expect(result).toMatchObject({
    exitCode: 4,
    last: {
      level: "error",
      applied: 1,
      migration: "2_broken",
      file: "2_broken.sql",
      line: 3,
      column: 14,
      sqlState: "42703",
      reason: 'column "nope" does not exist',
      excerpt: `select '😀é', nope from a;\n${" ".repeat(13)}^`,
    },
  });
  expect(await database.query("select to_regclass('b') as b, to_regclass('c') as c")).toEqual([{ b: null, c: null }]);
  addMigrations(dir, { "2_broken.sql": "create table b ();" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 2 } });
});

test("an error without a position names the first line of its statement, and row data stays in the log", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a (id int unique);\ninsert into a values (1);\n\n  insert into a\n  values (1);\n",
  });
  const result = await startCli(bundle, ["--dir", dir, "--json"], { DATABASE_URL: database.url }).ended();
  expect(result).toMatchObject({
    exitCode: 4,
    last: { line: 4, column: 3, sqlState: "23505", detail: expect.any(String) },
  });
  const { error } = JSON.parse(result.stdout) as { error: object };
  expect(error).toEqual({
    exitCode: 4,
    message: 'duplicate key value violates unique constraint "a_id_key"',
    migration: "1_a",
    file: "1_a.sql",
    line: 4,
    column: 3,
    sqlState: "23505",
  });
});

test("a deferred constraint that fails at COMMIT fails the migration", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": `create table a (id int primary key, parent int references a deferrable initially deferred);
      insert into a values (1, 2);`,
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { sqlState: "23503", file: "1_a.sql" } });
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("an applied file with another meaning is refused with the difference, another comment is a warning", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a (id int);\n", "2_b.sql": "create table b ();" });
  await up(database, dir);
  addMigrations(dir, { "1_a.sql": "-- why\r\nCREATE TABLE a (\r\n  id int -- key\r\n);" });
  const edited = await up(database, dir);
  expect(edited).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  expect(edited.log).toContainEqual(expect.objectContaining({ level: "warn", migration: "1_a" }));
  addMigrations(dir, { "1_a.sql": "\ncreate table a (id bigint);\n" });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 3,
    last: {
      file: "1_a.sql",
      line: 2,
      reason: expect.stringMatching(/- create table a \(id int\);\n\+ create table a \(id bigint\);/),
    },
  });
});

test("an older image on a newer database succeeds with a warning, unless a newer migration is breaking", async () => {
  const database = await server.createDatabase();
  const old = { "1_a.sql": "create table a (id int);" };
  await up(database, migrations({ ...old, "2_b.sql": "create table b ();" }));
  const tolerated = await up(database, migrations(old));
  expect(tolerated.exitCode).toBe(0);
  expect(tolerated.log).toContainEqual(expect.objectContaining({ level: "warn", newer: ["2_b"] }));
  const breaking = { "2_b.sql": "create table b ();", "3_c.sql": "-- gate: breaking\ndrop table a;" };
  expect(await up(database, migrations({ ...old, ...breaking }))).toMatchObject({ exitCode: 0 });
  expect(await up(database, migrations(old))).toMatchObject({
    exitCode: 3,
    last: { migration: "3_c", reason: expect.stringContaining("3_c is marked breaking") },
  });
});

test("a pending migration older than an applied one is refused, or applied with --out-of-order", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "2_b.sql": "create table b ();" });
  await up(database, dir);
  addMigrations(dir, { "1_a.sql": "create table a ();" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 3, last: { migration: "1_a" } });
  expect(await up(database, dir, "--out-of-order")).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("an applied migration that is gone from the middle of the files is refused, unless it is ignored", async () => {
  const database = await server.createDatabase();
  const rest = { "2_b.sql": "create table b ();" };
  await up(database, migrations({ "1_a.sql": "create table a ();", ...rest }));
  expect(await up(database, migrations(rest))).toMatchObject({ exitCode: 3, last: { migration: "1_a" } });
  expect(await up(database, migrations(rest), "--ignore", "1_*")).toMatchObject({ exitCode: 0 });
});

test("--target stops at a migration, and two sets keep histories of their own", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "create table b ();" });
  expect(await up(database, dir, "--target", "1_a")).toMatchObject({
    exitCode: 0,
    last: { applied: 1, appliedTo: "1_a" },
  });
  expect(await up(database, dir, "--target", "3_c")).toMatchObject({ exitCode: 2 });
  const other = migrations({ "1_a.sql": "create table other ();" });
  expect(await up(database, other, "--set", "other")).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});
