import type { RunReport } from "@migration-gate/run-report/report";
import { readTextFile, reportFileName } from "@migration-gate/run-report/report-files";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migrations, temporaryDirectory } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** Starts a run with a report directory, and reads the report until it says something. */
function startReported(database: TestDatabase, dir: string, url = database.url, ...args: string[]) {
  const directory = temporaryDirectory("report");
  const run = startCli(bundle, ["--allow-existing-tables", "--dir", dir, "--report", directory, ...args], {
    DATABASE_URL: url,
  });
  const text = () => readTextFile(directory, reportFileName);
  const reports = (what: string, says: (report: RunReport) => unknown) =>
    eventually(what, async () => {
      const report = JSON.parse((await text()) ?? "null") as RunReport | null;
      return report && says(report) ? report : undefined;
    });
  return { run, text, reports };
}

async function blockingTransaction(database: TestDatabase, sql: string) {
  const blocker = await database.connect();
  await blocker.query("set application_name = 'long report'");
  await blocker.query(`begin; ${sql}`);
  const { rows } = await blocker.query<{ pid: number }>("select pg_backend_pid() as pid, 'of the blocker'");
  return { blocker, pid: rows[0]?.pid };
}

test("a statement that waits for a lock tells log and report within a second which table and who blocks", async () => {
  const database = await server.createDatabase();
  await database.query("create table a (n int)");
  const { blocker, pid } = await blockingTransaction(database, "select * from a");
  const dir = migrations({ "1_a.sql": "create table b ();", "2_b.sql": "alter table a add column m int;" });
  const { run, text, reports } = startReported(database, dir, database.url, "--lock-timeout", "1m");
  const begun = await run.logged("applying migration");
  const line = await run.logged("migration waits for a lock");
  expect(line).toMatchObject({
    migration: "2_b",
    current: 2,
    total: 2,
    statement: 1,
    statements: 1,
    waitsFor: { lock: "relation", mode: "AccessExclusiveLock", relation: "public.a", waitedMs: expect.any(Number) },
    blockers: [{ pid, user: "owner", applicationName: "long report", state: "idle in transaction" }],
  });
  expect(line["blockers"]).toMatchObject([{ query: "select pg_backend_pid() as pid, '***'" }]);
  expect(Date.parse(String(line["time"])) - Date.parse(String(begun["time"]))).toBeLessThan(3000);
  const { progress, lockWait } = await reports("the lock wait", (report) => report.lockWait);
  expect(progress).toMatchObject({ current: 2, total: 2, migration: "2_b", file: "2_b.sql", attempt: 1, statement: 1 });
  expect(lockWait).toMatchObject({
    lock: "relation",
    relation: "public.a",
    blockers: [{ pid, user: "owner", applicationName: "long report", transactionMs: expect.any(Number) }],
  });
  expect(await text()).not.toContain("select");
  await blocker.query("commit");
  await reports("success", ({ phase }) => phase === "succeeded");
});

test("a concurrent build that waits for old snapshots says so, to a role that is lent the owner's rights too", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role leased login password 'x' in role owner");
  await database.query("create table a (n int)");
  const { blocker, pid } = await blockingTransaction(database, "set transaction isolation level repeatable read");
  const dir = migrations({ "1_a.sql": "create index concurrently a_n on a (n);" });
  const { run, reports } = startReported(database, dir, database.urlOf("leased", "x"), "--role", "owner");
  const { progress, lockWait } = await reports("the wait for old snapshots", (report) =>
    report.progress?.operation?.phase?.includes("old"),
  );
  expect(progress?.operation).toEqual({ command: "CREATE INDEX CONCURRENTLY", phase: "waiting for old snapshots" });
  expect(lockWait).toMatchObject({ lock: "virtualxid", blockers: [{ pid, applicationName: "long report" }] });
  expect(await run.logged("migration waits for a lock")).toMatchObject({ operation: progress?.operation });
  await blocker.query("commit");
  await reports("success", ({ phase }) => phase === "succeeded");
});

test("a slow index build counts up in percent", async () => {
  const database = await server.createDatabase();
  // Five rows a page: the scan takes most of a minute for its two hundred pages, and the test does not wait for its end.
  await database.query(`create table a (n int, filler char(1500) default '');
    insert into a select generate_series(1, 1000);
    create function slow(n int) returns int immutable language plpgsql as 'begin perform pg_sleep(0.05); return n; end'`);
  const { reports } = startReported(database, migrations({ "1_a.sql": "create index a_n on a (slow(n));" }));
  const percent = ({ progress }: RunReport) => progress?.operation?.percent ?? 0;
  const first = await reports("a first percentage", percent);
  expect(first.progress?.operation).toMatchObject({
    command: "CREATE INDEX",
    phase: expect.stringContaining("scanning"),
  });
  const second = await reports("a higher one", (report) => percent(report) > percent(first));
  expect(percent(second)).toBeLessThan(100);
});

test("a slow VACUUM counts up in percent, and is known to be the third statement of its file", async () => {
  const database = await server.createDatabase();
  await database.query(
    "create table a (filler char(1500) default ''); insert into a select from generate_series(1, 1000)",
  );
  const sql = "set vacuum_cost_delay = '100ms'; set vacuum_cost_limit = 1; vacuum a;";
  const { reports } = startReported(database, migrations({ "1_a.sql": sql }));
  const { progress } = await reports("a percentage", (report) => report.progress?.operation?.percent);
  expect(progress).toMatchObject({
    statement: 3,
    statements: 3,
    operation: { command: "VACUUM", phase: "scanning heap" },
  });
});

test("rows of COPY are counted", async () => {
  const database = await server.createDatabase();
  await database.query(`create table a (n int);
    create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.01); return new; end';
    create trigger slow before insert on a for each row execute function slow()`);
  const data = Array.from({ length: 1000 }, (_, index) => `${index}\n`).join("");
  const { reports } = startReported(database, migrations({ "1_a.sql": `copy a from stdin;\n${data}\\.\n` }));
  const { progress } = await reports("rows", (report) => report.progress?.operation);
  expect(progress?.operation).toEqual({ command: "COPY FROM", phase: expect.stringMatching(/^\d+ rows$/) });
});

test("the holder of the run's own lock is reported", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a (); select pg_sleep(30);" });
  const first = startReported(database, dir);
  await first.reports("the first run applies", ({ phase }) => phase === "applying");
  const second = startReported(database, dir);
  const { phase, lockWait } = await second.reports("the holder", (report) => report.lockWait);
  expect(phase).toBe("waiting-for-lock");
  expect(lockWait).toMatchObject({ lock: "advisory", blockers: [{ user: "owner" }] });
});

test("where no second connection can be had, the migration runs all the same", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role alone login password 'x' connection limit 1 in role owner");
  const dir = migrations({ "1_a.sql": "select pg_sleep(3); create table a ();" });
  const run = startCli(bundle, ["--dir", dir, "--role", "owner"], { DATABASE_URL: database.urlOf("alone", "x") });
  expect(await run.logged("what a statement is doing cannot be seen")).toMatchObject({
    reason: expect.stringContaining("too many connections"),
  });
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a second connection that is lost is made again", async () => {
  const database = await server.createDatabase();
  const { run, reports } = startReported(database, migrations({ "1_a.sql": "select pg_sleep(30);" }));
  const looking = "select pid from pg_stat_activity where query ~ 'waitEvent' and pid <> pg_backend_pid()";
  await eventually("it is looked at", async () => (await database.query(looking)).length);
  await database.query(`select pg_terminate_backend(pid) from (${looking}) as looking`);
  await run.logged("what a statement is doing cannot be seen");
  await eventually("it is looked at again", async () => (await database.query(looking)).length);
  await reports("the migration goes on", ({ phase }) => phase === "applying");
});

test("quick migrations are not looked at, and a look ends with the run", async () => {
  const database = await server.createDatabase();
  await database.logStatements();
  const looks = () => server.statements(database).filter((statement) => statement.includes("pg_stat_progress")).length;
  const up = async (sql: string) =>
    await startCli(bundle, ["--dir", migrations({ "1_a.sql": sql }), "--set", String(sql.length)], {
      DATABASE_URL: database.url,
    }).ended();
  expect(await up("create table a ();")).toMatchObject({ exitCode: 0 });
  expect(looks()).toBe(0);
  expect(await up("select pg_sleep(0.9);")).toMatchObject({ exitCode: 0 });
  expect(looks()).toBe(1);
  const others = "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
  expect(await database.query(others)).toEqual([]);
});
