import { expect, test } from "vitest";
import { blog, rows, runOnFolder } from "../support/history-by-hand.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const run = (database: TestDatabase, dir: string, ...args: string[]) => runOnFolder(bundle, database, dir, ...args);

test("a first run over tables that no history knows is refused, and writes nothing", async () => {
  const database = await server.createDatabase();
  await database.query("create table posts (id int); create table tags (id int)");
  const dir = migrations(blog);
  for (const args of [["up"], ["up", "--dry-run"], ["up", "--target", "1_posts"]]) {
    expect(await run(database, dir, ...args)).toMatchObject({
      exitCode: 3,
      last: { reason: expect.stringMatching(/2 tables: public\.posts, public\.tags\. .*"migrator baseline KEY"/) },
    });
  }
  expect(await database.query("select to_regnamespace('migration_gate') as schema")).toEqual([{ schema: null }]);
});

test("status warns of tables that a first run would be refused over, and of no others", async () => {
  const database = await server.createDatabase();
  const dir = migrations(blog);
  const warnings = async () => (await run(database, dir, "status")).log.filter(({ level }) => level === "warn");
  expect(await warnings()).toEqual([]);
  await database.query("create table posts (id int)");
  const reason = expect.stringMatching(/has a table: public\.posts\. .*"migrator baseline KEY"/);
  expect(await warnings()).toEqual([expect.objectContaining({ msg: "a first run would be refused", reason })]);
  await run(database, dir, "baseline", "1_posts");
  expect(await warnings()).toEqual([]);
});

test.each([
  ["flyway_schema_history", "Flyway"],
  ["schema_migrations", "golang-migrate, dbmate or Rails"],
  ["goose_db_version", "goose"],
  ["pgmigrations", "node-pg-migrate"],
  ["schema_version", "tern"],
  ["_prisma_migrations", "Prisma"],
  ["_sqlx_migrations", "sqlx"],
  ["__diesel_schema_migrations", "Diesel"],
  ["databasechangelog", "Liquibase"],
  ["atlas_schema_revisions", "Atlas"],
])("a first run names %s as the history of %s", async (table, tool) => {
  const database = await server.createDatabase();
  await database.query(`create schema app; create table app.a (); create table app.${table} ()`);
  const { exitCode, last } = await run(database, migrations(blog), "up");
  expect(exitCode).toBe(3);
  expect(last["reason"]).toContain(`app.${table} (the history of ${tool}), app.a.`);
});

test("--allow-existing-tables, and the variable of that name, begin with the first file", async () => {
  const database = await server.createDatabase();
  await database.query("create table other ()");
  const dir = migrations({ "1_bad.sql": "select 1/0" });
  // Nothing is applied by a run that fails: the next one is refused again.
  expect(await run(database, dir, "up", "--allow-existing-tables")).toMatchObject({ exitCode: 4 });
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 3 });
  addMigrations(dir, { "1_bad.sql": "select 1" });
  const env = { DATABASE_URL: database.url, MIGRATOR_ALLOW_EXISTING_TABLES: "true" };
  expect(await startCli(bundle, ["--dir", dir], env).ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 0 });
});

test("tables of extensions, of histories, of other sets and out of reach do not stand in the way", async () => {
  const database = await server.createDatabase();
  await database.superuser("create table extended (); create schema hidden; create table hidden.a ()");
  await database.superuser(
    "insert into pg_depend select 'pg_class'::regclass, 'extended'::regclass, 0, 'pg_extension'::regclass, oid, 0, 'e' from pg_extension",
  );
  const broken = migrations({ "1_a.sql": "select 1/0" });
  expect(await run(database, broken, "up", "--history", "elsewhere.history")).toMatchObject({ exitCode: 4 });
  expect(await run(database, broken, "up")).toMatchObject({ exitCode: 4 });
  expect(await run(database, migrations(blog), "up")).toMatchObject({ exitCode: 0, last: { applied: 3 } });
  const other = migrations({ "1_a.sql": "create table other ()" });
  expect(await run(database, other, "up", "--set", "other")).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await run(database, other, "up", "--history", "elsewhere.history")).toMatchObject({
    exitCode: 3,
    last: { reason: expect.stringContaining('"migrator baseline KEY --history elsewhere.history"') },
  });
});

test("a baseline marks without running, and up goes on behind it", async () => {
  const database = await server.createDatabase();
  await database.query("create table posts (id int); create table tags (id int)");
  const dir = migrations(blog);
  const marked = await run(database, dir, "baseline", "2_tags", "--json");
  expect(marked).toMatchObject({ exitCode: 0, last: { outcome: "success", marked: 2, appliedTo: "2_tags" } });
  expect(JSON.parse(marked.stdout)).toEqual({ marked: ["1_posts", "2_tags"], appliedTo: "2_tags" });
  expect(await run(database, dir, "up")).toMatchObject({
    exitCode: 0,
    last: { applied: 1, appliedFrom: "2_tags", appliedTo: "3_authors" },
  });
  expect(await rows(database)).toEqual([
    { key: "1_posts", state: "done", origin: "baseline" },
    { key: "2_tags", state: "done", origin: "baseline" },
    { key: "3_authors", state: "done", origin: "run" },
  ]);
  addMigrations(dir, { "1_posts.sql": "create table posts (id bigint);" });
  expect(await run(database, dir, "up")).toMatchObject({ exitCode: 3, last: { file: "1_posts.sql", line: 1 } });
});

test("a baseline done again, or run twice at once, marks each migration once", async () => {
  const database = await server.createDatabase();
  const dir = migrations(blog);
  const both = await Promise.all([1, 2].map(() => run(database, dir, "baseline", "2_tags")));
  expect(both.map(({ exitCode, last }) => [exitCode, last["marked"]]).sort()).toEqual([
    [0, 0],
    [0, 2],
  ]);
  expect(await run(database, dir, "baseline", "2_tags")).toMatchObject({
    exitCode: 0,
    stdout: "nothing to mark: everything up to 2_tags is applied\n",
  });
  expect(await run(database, dir, "baseline", "1_posts")).toMatchObject({ exitCode: 0, last: { marked: 0 } });
  expect(await rows(database)).toHaveLength(2);
});

test("a baseline that the history contradicts is refused and marks nothing", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "2_tags.sql": blog["2_tags.sql"] });
  await run(database, dir, "up");
  addMigrations(dir, blog);
  expect(await run(database, dir, "baseline", "3_authors")).toMatchObject({
    exitCode: 3,
    last: { migration: "1_posts", reason: expect.stringContaining("2_tags, which is newer, is") },
  });
  addMigrations(dir, { "2_tags.sql": "create table tags (id bigint);" });
  expect(await run(database, dir, "baseline", "3_authors")).toMatchObject({ exitCode: 3, last: { line: 1 } });
  expect(await rows(database)).toHaveLength(1);
});

test("a baseline up to a migration that no file has ends with 2", async () => {
  const database = await server.createDatabase();
  expect(await run(database, migrations(blog), "baseline", "4_nope")).toMatchObject({
    exitCode: 2,
    last: { reason: "baseline: there is no migration 4_nope; the newest is 3_authors" },
  });
});

test("the first runs of several sets at once do not take each other's tables for somebody else's", async () => {
  const database = await server.createDatabase();
  const runs = [1, 2, 3, 4].map((n) => {
    const dir = migrations({ "1_a.sql": `create table a${n} ()`, "2_b.sql": `create table b${n} ()` });
    return run(database, dir, "up", "--set", `set${n}`);
  });
  expect((await Promise.all(runs)).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
});
