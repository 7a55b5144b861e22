import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

test("applies the files in the order of their numbers, and then has nothing to do", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "9_table.sql": "create table a (id int primary key);",
    "10_column.sql": "alter table a add column name text -- no semicolon, and a comment at the end",
  });
  const first = await startCli(bundle, ["up", "--dir", dir], { DATABASE_URL: database.url }).ended();
  expect(first).toMatchObject({
    exitCode: 0,
    last: { msg: "migrator ended", outcome: "success", applied: 2, appliedTo: "10_column" },
  });
  expect(await database.query("select key, state from migration_gate.history order by applied_order")).toEqual([
    { key: "9_table", state: "done" },
    { key: "10_column", state: "done" },
  ]);
  const second = await startCli(bundle, ["--dir", dir], { DATABASE_URL: database.url }).ended();
  expect(second).toMatchObject({ exitCode: 0, last: { applied: 0, appliedFrom: "10_column" } });
  addMigrations(dir, { "11_late.sql": "insert into a values (1, 'x')" });
  expect((await startCli(bundle, ["--dir", dir], { DATABASE_URL: database.url }).ended()).exitCode).toBe(0);
  expect(await database.query("select name from a")).toEqual([{ name: "x" }]);
});
