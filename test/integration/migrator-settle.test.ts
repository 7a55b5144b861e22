import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { lockKey } from "../../packages/migrator/src/database/lock.ts";
import { blog, rows, runOnFolder } from "../support/history-by-hand.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const run = (database: TestDatabase, dir: string, ...args: string[]) => runOnFolder(bundle, database, dir, ...args);

test("repair shows what differs, accepts the file and says when", async () => {
  const database = await server.createDatabase();
  const dir = migrations(blog);
  await run(database, dir, "up");
  addMigrations(dir, { "2_tags.sql": "-- gate: breaking\ncreate table tags (id int);" });
  addMigrations(dir, { "1_posts.sql": "-- ids\ncreate table posts (id bigint);" });
  expect((await run(database, dir, "up")).last["reason"]).toContain('accept it with "migrator repair 1_posts"\n- ');
  expect(await run(database, dir, "repair", "1_posts")).toMatchObject({
    exitCode: 0,
    stdout:
      "accepted 1_posts.sql, which differs from what was applied at line 2:\n" +
      "- create table posts (id int);\n+ create table posts (id bigint);\n",
  });
  const second = await run(database, dir, "repair", "2_tags", "--json");
  expect(JSON.parse(second.stdout)).toMatchObject({ key: "2_tags", change: "meaning", difference: { line: 1 } });
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  const kept =
    "select key, script, breaking, repaired_at is not null as repaired from migration_gate.history order by 1";
  expect(await database.query(kept)).toEqual([
    { key: "1_posts", script: "-- ids\ncreate table posts (id bigint);", breaking: false, repaired: true },
    { key: "2_tags", script: "-- gate: breaking\ncreate table tags (id int);", breaking: true, repaired: true },
    { key: "3_authors", script: blog["3_authors.sql"], breaking: false, repaired: false },
  ]);
});

test("repair of a file that differs in layout only, or in nothing, says so", async () => {
  const database = await server.createDatabase();
  const dir = migrations(blog);
  await run(database, dir, "up");
  expect(await run(database, dir, "repair", "1_posts")).toMatchObject({ exitCode: 0, last: { change: "none" } });
  expect(await database.query("select 1 from migration_gate.history where repaired_at is not null")).toEqual([]);
  addMigrations(dir, { "1_posts.sql": "create table posts (id int); -- done" });
  expect(await run(database, dir, "repair", "1_posts")).toMatchObject({ exitCode: 0, last: { change: "layout" } });
  expect(await run(database, dir, "repair", "1_posts")).toMatchObject({ exitCode: 0, last: { change: "none" } });
});

test("repair of what is not applied, or not there, is refused", async () => {
  const database = await server.createDatabase();
  const dir = migrations(blog);
  expect(await run(database, dir, "repair", "1_posts")).toMatchObject({ exitCode: 3, last: { migration: "1_posts" } });
  expect(await run(database, dir, "repair", "4_nope")).toMatchObject({ exitCode: 2 });
  expect(await database.query("select to_regnamespace('migration_gate') as schema")).toEqual([{ schema: null }]);
});

const halfDone = { "1_a.sql": "-- gate: no-transaction\ncreate table a ();\nselect 1/0;\ncreate table b ();" };

test("a started migration that is resolved as done counts as applied, with the file as it is now", async () => {
  const database = await server.createDatabase();
  const dir = migrations(halfDone);
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 4 });
  addMigrations(dir, { "1_a.sql": "-- gate: no-transaction\ncreate table c ();", "2_b.sql": "create table d ();" });
  expect(await run(database, dir, "up")).toMatchObject({
    exitCode: 3,
    last: { reason: expect.stringContaining("migrator resolve") },
  });
  expect(await run(database, dir, "resolve", "1_a", "--done")).toMatchObject({
    exitCode: 0,
    stdout: "1_a.sql is now applied\n",
    last: { changed: true },
  });
  expect(await run(database, dir, "resolve", "1_a", "--done")).toMatchObject({ exitCode: 0, last: { changed: false } });
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await rows(database)).toEqual([
    { key: "1_a", state: "done", origin: "resolved" },
    { key: "2_b", state: "done", origin: "run" },
  ]);
  expect(await database.query("select to_regclass('b') as b, to_regclass('c') as c")).toEqual([{ b: null, c: null }]);
  expect(await run(database, dir, "resolve", "1_a", "--undone")).toMatchObject({ exitCode: 3 });
});

test("a started migration that is resolved as undone runs from its first statement on, also as one transaction", async () => {
  const database = await server.createDatabase();
  const dir = migrations(halfDone);
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 4 });
  addMigrations(dir, { "1_a.sql": "create table a ();\ncreate table b ();" });
  expect(await run(database, dir, "up")).toMatchObject({
    exitCode: 3,
    last: { file: "1_a.sql", reason: expect.stringContaining('"migrator resolve 1_a --undone"') },
  });
  await database.query("drop table a");
  const resolved = await run(database, dir, "resolve", "1_a", "--undone", "--json");
  expect(resolved.exitCode).toBe(0);
  expect(JSON.parse(resolved.stdout)).toEqual({ key: "1_a", resolution: "undone", changed: true });
  expect(await run(database, dir, "resolve", "1_a", "--undone")).toMatchObject({
    exitCode: 0,
    last: { changed: false },
  });
  expect(await run(database, dir, "resolve", "1_a", "--done")).toMatchObject({ exitCode: 3 });
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a role that may not delete from the history is told so", async () => {
  const database = await server.createDatabase();
  const dir = migrations(halfDone);
  await run(database, dir, "up");
  await database.superuser("create role guest login password 'guest'");
  await database.query("grant usage on schema migration_gate to guest");
  await database.query("grant select, insert, update on migration_gate.history to guest");
  const env = { DATABASE_URL: database.urlOf("guest", "guest") };
  const refused = await startCli(bundle, ["resolve", "1_a", "--undone", "--dir", dir], env).ended();
  expect(refused).toMatchObject({ exitCode: 2, last: { reason: expect.stringContaining("role guest cannot use") } });
  expect(await rows(database)).toEqual([{ key: "1_a", state: "started", origin: "run" }]);
});

/** A session that holds the lock of a set, and never gives it back by itself. */
async function holdLock(database: TestDatabase, url: string, set = "default") {
  const client = new pg.Client({ connectionString: url, application_name: `holder of ${set}` });
  const ended = new Promise<void>((resolve) => client.on("error", () => resolve()).on("end", () => resolve()));
  onTestFinished(() => client.end().catch(() => undefined));
  await client.connect();
  await client.query("select pg_advisory_lock($1)", [lockKey(database.name, "migration_gate.history", set)]);
  return { client, ended };
}

const unlock = (url: string, ...args: string[]) => startCli(bundle, ["unlock", ...args], { DATABASE_URL: url }).ended();

test("unlock names the holder of this set's lock and ends it, and no other", async () => {
  const database = await server.createDatabase();
  const holder = await holdLock(database, database.url);
  const other = await holdLock(database, database.url, "other");
  const result = await unlock(database.url, "--json");
  expect(result).toMatchObject({ exitCode: 0, last: { ended: true } });
  expect(JSON.parse(result.stdout)).toMatchObject({
    ended: true,
    holder: { user: "owner", applicationName: "holder of default" },
  });
  await holder.ended;
  expect(await run(database, migrations(blog), "up", "--wait-budget", "2s")).toMatchObject({ exitCode: 0 });
  expect((await other.client.query("select 1 as alive")).rows).toEqual([{ alive: 1 }]);
  expect(await unlock(database.url, "--set", "other")).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^ended process \d+ \(role owner, application holder of other, /),
  });
});

test("unlock where nobody holds the lock ends with 0", async () => {
  const database = await server.createDatabase();
  expect(await unlock(database.url)).toMatchObject({
    exitCode: 0,
    stdout: "nobody holds the lock\n",
    last: { ended: false },
  });
});

test("a role that may not end the holder is told who may", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role watcher login password 'watcher'");
  const url = database.urlOf("watcher", "watcher");
  const holder = await holdLock(database, database.url);
  expect(await unlock(url)).toMatchObject({
    exitCode: 2,
    last: { sqlState: "42501", reason: expect.stringMatching(/role watcher may not end process \d+ of owner/) },
  });
  expect((await holder.client.query("select 1 as alive")).rows).toEqual([{ alive: 1 }]);
  await database.superuser("grant pg_signal_backend to watcher");
  expect(await unlock(url)).toMatchObject({ exitCode: 0, last: { ended: true } });
  await holder.ended;
  await holdLock(database, database.superuserUrl);
  expect(await unlock(url)).toMatchObject({
    exitCode: 2,
    last: { reason: expect.stringContaining("only a superuser may end") },
  });
});
