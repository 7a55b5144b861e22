import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

async function up(database: TestDatabase, dir: string) {
  const result = await startCli(bundle, ["up", "--dir", dir], { DATABASE_URL: database.url }).ended();
  const warnings = result.log.filter(({ msg }) => msg.startsWith("migration locked several existing tables"));
  return { exitCode: result.exitCode, locked: warnings.map(({ tables }) => tables) };
}

test.each([
  ["alter table a add m int; alter table app.b add m int;", ["a", "app.b"]],
  ["alter table a add foreign key (n) references c (n);", ["a", "c"]],
  [
    "do $$ begin execute 'alter table a add m int'; execute 'drop index app.b_n'; end $$; lock table c;",
    ["a", "app.b", "c"],
  ],
  ["create index on a (n); create trigger t before insert on c execute function f();", ["a", "c"]],
  ["alter table a rename to a2; truncate c;", ["a2", "c"]],
  ["begin; savepoint s; alter table a add m int; release s; alter table c add o int; commit;", ["a", "c"]],
])("%s is warned of, with the names of both", async (sql, tables) => {
  const { database, dir } = await existingTables();
  addMigrations(dir, { "2_b.sql": sql });
  expect(await up(database, dir)).toEqual({ exitCode: 0, locked: [tables] });
});

test.each([
  ["one table, several times", "alter table a add m int; create index on a (m); truncate a;"],
  ["a table and its partitions", "alter table p add m int; create index on p (m);"],
  ["new tables", "create table x (n int primary key); create table y (n int references x); alter table y add m int;"],
  ["a new table that refers to an old one", "create table x (n int references c); alter table x add m int;"],
  [
    "new tables, made in a subtransaction",
    "do $$ begin create table x (); alter table x add m int; exception when others then raise; end $$; alter table a add m int;",
  ],
  ["rows only", "insert into a values (1); update app.b set n = 1; delete from c; select from p for update;"],
  ["an index of another table, and a sequence", "reindex index app.b_n; alter sequence s restart;"],
  ["temporary tables", "create temp table x (); create temp table y (); alter table a add m int;"],
])("%s: no warning", async (_, sql) => {
  const { database, dir } = await existingTables();
  addMigrations(dir, { "2_b.sql": sql });
  expect(await up(database, dir)).toEqual({ exitCode: 0, locked: [] });
});

/** Tables that an earlier run has made. */
async function existingTables() {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": `create schema app; create table a (n int); create table app.b (n int); create index b_n on app.b (n);
      create table c (n int primary key, m text); create sequence s;
      create table p (n int) partition by list (n); create table p1 partition of p for values in (1);
      create table p2 partition of p for values in (2);
      create function f() returns trigger language plpgsql as 'begin return new; end';
      set search_path = app, public;`,
  });
  expect(await up(database, dir)).toEqual({ exitCode: 0, locked: [] });
  return { database, dir };
}
