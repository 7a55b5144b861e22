import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, sql: string, ...flags: readonly string[]) =>
  startCli(bundle, ["up", "--allow-existing-tables", "--dir", migrations({ "1_a.sql": sql }), ...flags], {
    DATABASE_URL: database.url,
  });

const raise = (sqlState: string) => `create table a ();\ndo $$ begin raise sqlstate '${sqlState}'; end $$;`;

test.each([
  ["disk full", "53100", 5],
  ["out of memory", "53200", 5],
  ["an input/output error", "58030", 5],
  ["a broken rule", "23514", 4],
  ["a cancelled query", "57014", 4],
  ["an internal error", "XX000", 4],
])("%s (%s) in a migration ends with %i, and nothing is left", async (_, sqlState, exitCode) => {
  const database = await server.createDatabase();
  expect(await start(database, raise(sqlState)).ended()).toMatchObject({ exitCode, last: { line: 2, sqlState } });
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("a deadlock that goes on is tried again within the budget, or not at all with the directive", async () => {
  const database = await server.createDatabase();
  const patient = start(database, raise("40P01"), "--wait-budget", "1s");
  await patient.logged("migration is blocked, trying again");
  expect(await patient.ended()).toMatchObject({ exitCode: 5, last: { sqlState: "40P01" } });
  expect(await start(database, `-- gate: no-retry\n${raise("40P01")}`).ended()).toMatchObject({ exitCode: 4 });
});

test("a duplicate key is the file's fault, in a table that looks like the history too", async () => {
  const database = await server.createDatabase();
  const sql = "create table history (set_name text, key text, primary key (set_name, key));";
  const run = start(database, `${sql}\ninsert into history values ('default', '1_a'), ('default', '1_a');`);
  expect(await run.ended()).toMatchObject({ exitCode: 4, last: { line: 2, sqlState: "23505" } });
});

test("a statement that somebody else cancels fails the migration", async () => {
  const database = await server.createDatabase();
  const run = start(database, "select pg_sleep(60);");
  await eventually("it is cancelled", async () => {
    const cancelled = await database.query(
      "select pg_cancel_backend(pid) from pg_stat_activity where query ~ 'pg_sleep' and pid <> pg_backend_pid()",
    );
    return cancelled.length > 0;
  });
  expect(await run.ended()).toMatchObject({ exitCode: 4, last: { sqlState: "57014" } });
});
