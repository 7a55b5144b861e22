import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { inTransactions } from "../support/every-kind.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { stateOfPool } from "../support/session-state.ts";
import { snapshot } from "../support/snapshot.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");
const modes = ["session", "transaction"] as const;

const start = (url: string, dir: string, ...args: string[]) =>
  startCli(bundle, ["up", "--dir", dir, ...args], { DATABASE_URL: url });
const up = (url: string, dir: string, ...args: string[]) => start(url, dir, ...args).ended();

const locks = "select 1 from pg_locks where locktype = 'advisory'";

test("a pooler is seen, transaction mode assumed, and the log says why", async () => {
  const database = await server.createDatabase();
  const { url } = await startPgBouncer(database, { mode: "transaction" });
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const result = await up(url, dir);
  expect(result).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(result.log.find(({ msg }) => msg === "pooler mode taken")).toMatchObject({
    pooler: "transaction",
    reason: expect.stringContaining("another process number"),
  });
});

test.each([
  ["auto", ["transaction"]],
  ["session", ["session", "transaction"]],
])("--pooler %s is right where every transaction meets another backend", async (setting, taken) => {
  const database = await server.createDatabase();
  const { url } = await startPgBouncer(database, { mode: "transaction", serverLifetime: 0 });
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "create table b ();" });
  const result = await up(url, dir, "--pooler", setting);
  expect(result).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  const modesTaken = result.log.filter(({ msg }) => msg === "pooler mode taken").map(({ pooler }) => pooler);
  expect(modesTaken).toEqual(taken);
  expect(await database.query(locks)).toEqual([]);
});

test.each(modes)("in %s mode, ten runners at once apply each migration once", async (mode) => {
  const database = await server.createDatabase();
  const { url } = await startPgBouncer(database, { mode, poolSize: 12 });
  const dir = migrations({
    "1_a.sql": "create table a (n int);",
    "2_b.sql": "insert into a values (1); select pg_sleep(0.2);",
    "3_c.sql": "insert into a values (2);",
  });
  const results = await Promise.all(Array.from({ length: 10 }, () => up(url, dir, "--pooler", mode)));
  expect(results.map(({ exitCode }) => exitCode)).toEqual(Array(10).fill(0));
  expect(results.reduce((sum, { last }) => sum + Number(last["applied"]), 0)).toBe(3);
  expect(await database.query("select n from a order by n")).toEqual([{ n: 1 }, { n: 2 }]);
  await eventually("the lock is free", async () => (await database.query(locks)).length === 0);
});

test.each(modes)("in %s mode, nothing pending is one message", async (mode) => {
  const database = await server.createDatabase();
  const { url } = await startPgBouncer(database, { mode });
  const dir = migrations({ "1_a.sql": "create table a ();" });
  await up(url, dir, "--pooler", mode);
  await database.logStatements();
  const fresh = await startPgBouncer(database, { mode });
  expect(await up(fresh.url, dir, "--pooler", mode)).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  const ours = server.statements(database).filter((statement) => /history/.test(statement));
  expect(ours).toHaveLength(1);
});

test.each(modes)("in %s mode, schema, rows and history end up as on a direct connection", async (mode) => {
  const dir = migrations(inTransactions());
  const [direct, pooled] = [await server.createDatabase(), await server.createDatabase()];
  const { url } = await startPgBouncer(pooled, { mode });
  expect(await up(direct.url, dir)).toMatchObject({ exitCode: 0 });
  expect(await up(url, dir, "--pooler", mode)).toMatchObject({ exitCode: 0 });
  expect(await snapshot(pooled)).toEqual(await snapshot(direct));
});

test.each(modes)(
  "in %s mode, the data of COPY arrives whole, and a bad row of it is named by its line",
  async (mode) => {
    const database = await server.createDatabase();
    const { url } = await startPgBouncer(database, { mode });
    const rows = Array.from({ length: 50_000 }, (_, id) => `${id}\t${"😀é".repeat(20)}\n`).join("");
    const copy = (last: string) =>
      `create table a (id int, t text);\ncopy a from stdin;\n${rows}${last}\n\\.\ninsert into a values (-1);`;
    const dir = migrations({ "1_a.sql": copy("x\tlast"), "2_b.sql": "create table b ();" });
    expect(await up(url, dir, "--pooler", mode)).toMatchObject({
      exitCode: 4,
      last: { line: 50_003, sqlState: "22P02" },
    });
    expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
    addMigrations(dir, { "1_a.sql": copy("50000\tlast") });
    expect(await up(url, dir, "--pooler", mode)).toMatchObject({ exitCode: 0, last: { applied: 2 } });
    const whole = "select count(*)::int as n, (count(*) filter (where t = repeat('😀é', 20)))::int as long from a";
    expect(await database.query(whole)).toEqual([{ n: 50_002, long: 50_000 }]);
  },
);

test("in transaction mode --role holds in every transaction, and in none of the application's", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role pooled nologin");
  await database.superuser("grant pooled to owner");
  await database.superuser(`grant create on database ${database.name} to pooled`);
  await database.superuser("grant create on schema public to pooled");
  const { url } = await startPgBouncer(database, { mode: "transaction", poolSize: 1 });
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "create table b ();" });
  const before = await stateOfPool(url);
  expect(await up(url, dir, "--role", "pooled")).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  expect(await stateOfPool(url)).toEqual(before);
  const owners = await database.query(
    "select distinct tableowner from pg_tables where tablename in ('a', 'b', 'history')",
  );
  expect(owners).toEqual([{ tableowner: "pooled" }]);
});

test("a file that cannot be one transaction is refused in transaction mode, and runs in session mode", async () => {
  const database = await server.createDatabase();
  const files = { "1_a.sql": "create table a (n int);", "2_i.sql": "create index concurrently i on a (n);" };
  const dir = migrations(files);
  const { url } = await startPgBouncer(database, { mode: "transaction" });
  expect(await up(url, dir)).toMatchObject({
    exitCode: 2,
    last: { reason: expect.stringMatching(/2_i\.sql: cannot run behind a pooler.*direct connection.*Secret/) },
  });
  expect(await database.query("select to_regclass('a') as a, to_regclass('migration_gate.history') as h")).toEqual([
    { a: null, h: null },
  ]);
  const session = await startPgBouncer(database, { mode: "session" });
  expect(await up(session.url, dir, "--pooler", "session")).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  expect(await database.query("select indisvalid as valid from pg_index where indexrelid = 'i'::regclass")).toEqual([
    { valid: true },
  ]);
});

test.each(modes)(
  "in %s mode, a migrator killed in the middle leaves no lock, and the next one goes on",
  async (mode) => {
    const database = await server.createDatabase();
    const { url } = await startPgBouncer(database, { mode });
    const dir = migrations({ "1_slow.sql": "create table a (); select pg_sleep(30);" });
    const killed = start(url, dir, "--pooler", mode);
    await eventually("the migration runs", async () => (await database.query(sleeping)).length > 0);
    killed.process.kill("SIGKILL");
    addMigrations(dir, { "1_slow.sql": "create table a ();" });
    const next = await up(url, dir, "--pooler", mode, "--wait-budget", "20s");
    expect(next).toMatchObject({ exitCode: 0, last: { applied: 1 } });
    await eventually("the lock is free", async () => (await database.query(locks)).length === 0);
  },
);

const sleeping =
  "select 1 from pg_stat_activity where state = 'active' and query ~ 'pg_sleep' and pid <> pg_backend_pid()";

test.each(modes)("in %s mode, SIGTERM rolls the migration back", async (mode) => {
  const database = await server.createDatabase();
  const { url } = await startPgBouncer(database, { mode });
  const run = start(url, migrations({ "1_slow.sql": "create table a (); select pg_sleep(30);" }), "--pooler", mode);
  await eventually("the migration runs", async () => (await database.query(sleeping)).length > 0);
  run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({ exitCode: 143 });
  await eventually("the statement has ended", async () => (await database.query(sleeping)).length === 0);
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("in transaction mode, a lost backend costs nothing: the fence is inserted again", async () => {
  const database = await server.createDatabase();
  const { url } = await startPgBouncer(database, { mode: "transaction" });
  const dir = migrations({
    "1_a.sql": "create table a (n int);",
    "2_b.sql": "insert into a values (1); select pg_sleep(3);",
  });
  const run = start(url, dir);
  await eventually("the migration runs", async () => (await database.query(sleeping)).length > 0);
  await database.superuser(
    "select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'pg_sleep' and pid <> pg_backend_pid()",
  );
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  expect(await database.query("select n from a")).toEqual([{ n: 1 }]);
});

test("in transaction mode, who blocks a migration is named", async () => {
  const database = await server.createDatabase();
  await database.query("create table a (n int)");
  const { url } = await startPgBouncer(database, { mode: "transaction" });
  const blocker = await database.connect();
  await blocker.query("set application_name = 'long report'; begin; select * from a");
  const dir = migrations({ "1_a.sql": "alter table a add b int;" });
  const run = start(url, dir, "--allow-existing-tables", "--lock-timeout", "900ms");
  expect(await run.logged("migration is blocked, trying again")).toMatchObject({
    blockers: [{ applicationName: "long report" }],
  });
  await blocker.query("commit");
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("in transaction mode, baseline waits for the lock and marks what is there", async () => {
  const database = await server.createDatabase();
  await database.query("create table a ()");
  const { url } = await startPgBouncer(database, { mode: "transaction" });
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "create table b (); select pg_sleep(4);" });
  const baseline = () => startCli(bundle, ["baseline", "1_a", "--dir", dir], { DATABASE_URL: url }).ended();
  expect(await baseline()).toMatchObject({ exitCode: 0, last: { marked: 1 } });
  const run = start(url, dir);
  await eventually("the migration runs", async () => (await database.query(sleeping)).length > 0);
  const second = await baseline();
  expect(second).toMatchObject({ exitCode: 0, last: { marked: 0 } });
  expect(second.log.map(({ msg }) => msg)).toContain("another run holds the lock");
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});
