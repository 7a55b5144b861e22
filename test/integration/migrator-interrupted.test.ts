import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string) =>
  startCli(bundle, ["up", "--allow-existing-tables", "--dir", dir], { DATABASE_URL: database.url });
const up = (database: TestDatabase, dir: string) => start(database, dir).ended();

const waitsForALock = (database: TestDatabase, statement: string) => async () =>
  (
    await database.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query ilike $1`,
      [`${statement}%`],
    )
  ).length > 0;

/** A database with a table `a`, its index, and another session's open transaction that has run `sql`. */
async function blockedBy(sql: string) {
  const database = await server.createDatabase();
  await database.query("create table a (n int); create index a_n on a (n)");
  const blocker = await database.connect();
  await blocker.query(`begin; ${sql}`);
  return { database, blocker };
}

/** Runs one statement, kills the run with `kill -9` while the statement waits, and lets the other session go on then. */
async function killIn(statement: string, { database, blocker }: Awaited<ReturnType<typeof blockedBy>>) {
  const dir = migrations({ "1_a.sql": `create table before_it ();\n${statement};\ncreate table behind_it ();` });
  const killed = start(database, dir);
  await eventually("the statement waits", waitsForALock(database, statement));
  killed.process.kill("SIGKILL");
  await eventually("its backend has ended", async () => !(await waitsForALock(database, statement)()));
  await blocker.query("rollback");
  return dir;
}

const invalidIndexes = async (database: TestDatabase) =>
  (
    await database.query<{ name: string }>(
      "select indexrelid::regclass::text as name from pg_index where not indisvalid order by 1",
    )
  ).map(({ name }) => name);

/** Makes the next run wait between a statement's work and the note that it is done. */
async function stopBeforeProgress(database: TestDatabase) {
  const gate = await database.connect();
  await gate.query(`create function wait_at_gate() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
    create trigger gate before update on migration_gate.history for each row
      when (new.statements_done > old.statements_done) execute function wait_at_gate();
    select pg_advisory_lock(1)`);
  return { open: () => gate.query("drop trigger gate on migration_gate.history; select pg_advisory_unlock(1)") };
}

const insert = "insert into a values (1)";
const read = "select from a";

test.each([
  ["reindex index concurrently a_n", insert, ["a_n_ccnew"]],
  ["reindex table concurrently a", insert, ["a_n_ccnew"]],
  ["reindex (concurrently, verbose) table public.a", insert, ["a_n_ccnew"]],
  ["reindex schema concurrently public", insert, ["a_n_ccnew"]],
  ["reindex index concurrently a_n", read, ["a_n_ccold"]],
])("%s, killed behind another session's %s, leaves an index that the next run drops", async (sql, other, left) => {
  const scene = await blockedBy(other);
  const dir = await killIn(sql, scene);
  expect(await invalidIndexes(scene.database)).toEqual(left);
  expect(await up(scene.database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await invalidIndexes(scene.database)).toEqual([]);
  expect(await scene.database.query("select 'a_n'::regclass, 'behind_it'::regclass")).toHaveLength(1);
});

test("what an earlier REINDEX of somebody else has left stays, whatever its name", async () => {
  const scene = await blockedBy(insert);
  await killIn("reindex index concurrently a_n", scene);
  await scene.database.query("drop schema migration_gate cascade; drop table before_it");
  expect(await invalidIndexes(scene.database)).toEqual(["a_n_ccnew"]);
  await scene.blocker.query(`begin; ${insert}`);
  const dir = await killIn("reindex index concurrently a_n", scene);
  expect(await invalidIndexes(scene.database)).toEqual(["a_n_ccnew", "a_n_ccnew1"]);
  expect(await up(scene.database, dir)).toMatchObject({ exitCode: 0 });
  expect(await invalidIndexes(scene.database)).toEqual(["a_n_ccnew"]);
});

test("DROP INDEX CONCURRENTLY that was killed goes on", async () => {
  const scene = await blockedBy(insert);
  const dir = await killIn("drop index concurrently a_n", scene);
  expect(await invalidIndexes(scene.database)).toEqual(["a_n"]);
  expect(await up(scene.database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await scene.database.query("select 1 from pg_index where indrelid = 'a'::regclass")).toEqual([]);
});

test("an index that was never there fails to be dropped in every run", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "drop index concurrently a_n;" });
  const failed = { exitCode: 4, last: { line: 1, sqlState: "42704" } };
  expect(await up(database, dir)).toMatchObject(failed);
  expect(await up(database, dir)).toMatchObject(failed);
});

test("DETACH PARTITION CONCURRENTLY that was killed is finished", async () => {
  const database = await server.createDatabase();
  await database.query(
    "create table p (n int) partition by list (n); create table p1 partition of p for values in (1)",
  );
  const blocker = await database.connect();
  await blocker.query("begin; select from p");
  const dir = await killIn("alter table only p detach partition public.p1 concurrently", { database, blocker });
  expect(await database.query("select inhdetachpending as pending from pg_inherits")).toEqual([{ pending: true }]);
  const result = await up(database, dir);
  expect(result).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(result.log).toContainEqual(
    expect.objectContaining({ msg: "finished the interrupted detaching of a partition" }),
  );
  expect(await database.query("select from pg_inherits")).toEqual([]);
});

test("CREATE DATABASE that had done its work when the run was killed says what to do", async () => {
  const database = await server.createDatabase();
  await database.superuser("alter role owner createdb");
  const dir = migrations({ "1_a.sql": "select 1;" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  const gate = await stopBeforeProgress(database);
  addMigrations(dir, { "2_b.sql": `create database ${database.name}_more;\ncreate table behind_it ();` });
  const killed = start(database, dir);
  await eventually("the statement is done", waitsForALock(database, "begin"));
  killed.process.kill("SIGKILL");
  await gate.open();
  expect(await up(database, dir)).toMatchObject({
    exitCode: 4,
    last: { line: 1, sqlState: "42P04", reason: expect.stringContaining("take the statement out") },
  });
  addMigrations(dir, { "2_b.sql": "-- gate: no-transaction\ncreate table behind_it ();" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});
