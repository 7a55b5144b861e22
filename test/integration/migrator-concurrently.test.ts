import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: Pick<TestDatabase, "url">, dir: string) =>
  startCli(bundle, ["up", "--allow-existing-tables", "--dir", dir], { DATABASE_URL: database.url });
const up = (database: TestDatabase, dir: string) => start(database, dir).ended();

const indexes = (database: TestDatabase) =>
  database.query(
    "select indexrelid::regclass::text as name, indisvalid as valid from pg_index where indrelid = 'a'::regclass order by 1",
  );

/** A table `a`, and a transaction that has written it: every concurrent build on it waits for its end. */
async function writtenTable(database: TestDatabase) {
  await database.query("create table a (n int)");
  const writer = await database.connect();
  await writer.query("begin; insert into a values (1)");
  return writer;
}

const buildWaits = (database: TestDatabase) => async () =>
  (
    await database.query(
      "select 1 from pg_stat_progress_create_index where phase ~ 'waiting' and datname = current_database()",
    )
  ).length > 0;

test("a file with concurrent builds between other statements runs unmodified", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": `create table a (n int);
      create unique index concurrently if not exists a_n on a (n);
      insert into a values (1);
      create index concurrently on only public.a ((n + 1));
      vacuum a;
      drop index concurrently a_n;`,
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await indexes(database)).toEqual([{ name: "a_expr_idx", valid: true }]);
  expect(
    await database.query(
      "select transactional, statements_done, statements_total, progress from migration_gate.history",
    ),
  ).toEqual([{ transactional: false, statements_done: 6, statements_total: 6, progress: null }]);
});

test("thirty concurrent builds and their like run unmodified, and the file is continued where one failed", async () => {
  const database = await server.createDatabase();
  const builds = Array.from({ length: 30 }, (_, n) => `create index concurrently a_${n} on a ((n + ${n}));`).join("\n");
  const dir = migrations({
    "1_a.sql": `create table a (n int); create type mood as enum ('sad');
      create materialized view v as select 1 as n; create unique index on v (n);
      create table p (n int) partition by list (n); create table p1 partition of p for values in (1);`,
    "2_b.sql": `${builds}\ndrop index concurrently a_missing;`,
    "3_c.sql": "alter type mood add value 'glad';",
    "4_d.sql": "create table moods (m mood default 'glad'); refresh materialized view concurrently v;",
    "5_e.sql": `create index p_n on only p (n);
      create index concurrently p1_n on p1 (n);
      alter index p_n attach partition p1_n;
      reindex index concurrently p_n;
      vacuum (analyze) p;
      alter table p detach partition p1 concurrently;
      refresh materialized view concurrently v;`,
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { line: 31, applied: 1 } });
  addMigrations(dir, { "2_b.sql": `${builds}\ndrop index concurrently a_0;` });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 4 } });
  expect(await indexes(database)).toHaveLength(29);
});

test.each([
  ["a named", "create index concurrently a_n on a (n);", "a_n"],
  ["an unnamed", "create index concurrently on a (n);", "a_n_idx"],
  ["a named, if not exists,", "create index concurrently if not exists a_n on a (n);", "a_n"],
])("the INVALID index that a killed run of %s build left is dropped and built again", async (_, sql, name) => {
  const database = await server.createDatabase();
  const writer = await writtenTable(database);
  const dir = migrations({ "1_a.sql": `create table before_it ();\n${sql}` });
  const killed = start(database, dir);
  await eventually("the build waits", buildWaits(database));
  killed.process.kill("SIGKILL");
  const rerun = start(database, dir);
  await rerun.logged("continuing interrupted migration");
  await writer.query("commit");
  const result = await rerun.ended();
  expect(result.exitCode).toBe(0);
  expect(result.log).toContainEqual(
    expect.objectContaining({ msg: "dropped the invalid index of an interrupted build" }),
  );
  expect(await indexes(database)).toEqual([{ name, valid: true }]);
});

test("a build that goes on when its migrator is cut off is waited for, and not built again", async () => {
  const database = await server.createDatabase();
  const writer = await writtenTable(database);
  const cut = { message: /^create index/, forwarded: "all", effect: "cut", serverStaysMs: 2000 } as const;
  const { url } = await startFaultProxy(database.url, [cut]);
  const run = start({ url }, migrations({ "1_a.sql": "create index concurrently a_n on a (n);" }));
  await run.logged("another run holds the lock");
  expect(await buildWaits(database)()).toBe(true);
  const oids = () => database.query("select indexrelid, indisvalid from pg_index where indrelid = 'a'::regclass");
  const [begun] = await oids();
  await writer.query("commit");
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await oids()).toEqual([{ ...begun, indisvalid: true }]);
});

test("a build that had ended well before its run was killed counts as done", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a (n int);",
    "2_b.sql": "create index concurrently a_n on a (n);\nselect 1/0;",
  });
  const writer = await database.connect();
  expect(await up(database, dir)).toMatchObject({ exitCode: 4 });
  await database.query("drop index a_n; update migration_gate.history set statements_done = 0 where key = '2_b'");
  await writer.query("begin; insert into a values (1)");
  const killed = start(database, dir);
  await eventually("the build waits", buildWaits(database));
  killed.process.kill("SIGKILL");
  await eventually("its backend has ended", async () => !(await buildWaits(database)()));
  // As if the run had died between the build and its progress row.
  await writer.query("commit");
  await database.query("drop index a_n; create index a_n on a (n)");
  addMigrations(dir, { "2_b.sql": "create index concurrently a_n on a (n);" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await indexes(database)).toEqual([{ name: "a_n", valid: true }]);
});

test("a failed unique build leaves no INVALID index, and the file can be corrected", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql":
      "create table a (n int);\ninsert into a values (1), (1);\ncreate unique index concurrently a_n on a (n);",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { line: 3, sqlState: "23505" } });
  expect(await indexes(database)).toEqual([]);
  addMigrations(dir, {
    "1_a.sql":
      "create table a (n int);\ninsert into a values (1), (1);\ndelete from a;\ncreate unique index concurrently a_n on a (n);",
  });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await indexes(database)).toEqual([{ name: "a_n", valid: true }]);
});

test("statements that were applied cannot be changed under a file that is continued", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "-- gate: no-transaction\ncreate table a (n int);\nselect 1/0;" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { line: 3 } });
  addMigrations(dir, { "1_a.sql": "-- gate: no-transaction\ncreate table a (n bigint);\nselect 1;" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 3, last: { migration: "1_a" } });
  addMigrations(dir, { "1_a.sql": "-- gate: no-transaction\n/* kept */ create table a (n int);\nselect 1;" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
});

test("an INVALID index from before the migration is named, never dropped", async () => {
  const database = await server.createDatabase();
  await database.query("create table a (n int); insert into a values (1), (1)");
  await expect(database.query("create unique index concurrently a_n on a (n)")).rejects.toThrow(/could not create/);
  const dir = migrations({ "1_a.sql": "create unique index concurrently if not exists a_n on a (n);" });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 4,
    last: { line: 1, reason: expect.stringContaining("INVALID") },
  });
  expect(await indexes(database)).toEqual([{ name: "a_n", valid: false }]);
});
