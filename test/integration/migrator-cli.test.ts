import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const nowhere = { DATABASE_URL: "postgres://owner:hunter2@127.0.0.1:1/nowhere" };

test.each<[string, Record<string, string | Uint8Array>, RegExp]>([
  ["an empty folder", {}, /no migration in this folder.*--dir/],
  ["a folder without SQL", { "README.md": "#" }, /no migration in this folder/],
  ["two files of one version", { "1_a.sql": "", "001_b.sql": "" }, /001_b\.sql.*1_a\.sql|1_a\.sql.*001_b\.sql/],
  ["a name of no layout", { "1_a.sql": "", "setup.sql": "" }, /setup\.sql: the name fits no known layout/],
  ["a repeatable file", { "R__views.sql": "" }, /R__views\.sql: repeatable/],
  [
    "bytes that are not UTF-8",
    { "1_a.sql": Uint8Array.from([0x2d, 0x2d, 0x0a, 0xff]) },
    /1_a\.sql:2: is not valid UTF-8/,
  ],
])("%s ends with 2 before anything is connected to", async (_, files, message) => {
  const result = await startCli(bundle, ["--dir", migrations(files)], nowhere).ended();
  expect(result).toMatchObject({ exitCode: 2, last: { reason: expect.stringMatching(message) } });
});

test.each<[string, string, RegExp]>([
  ["an unknown directive", "\n-- gate: no-transactions\nselect 1", /2_b\.sql:2: unknown directive/],
  ["a string that is never closed", "select 1;\nselect 'oops", /2_b\.sql:2: a string is never closed/],
  ["a command of psql", "select 1;\n\\connect other", /2_b\.sql:2: psql's command \\connect/],
  [
    "data for COPY without an end",
    "copy a from stdin;\n1\n",
    /2_b\.sql:\d: the data of this COPY … FROM stdin is not ended/,
  ],
])("%s ends with 2 before anything is run", async (_, sql, message) => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": sql });
  const result = await startCli(bundle, ["--dir", dir], { DATABASE_URL: database.url }).ended();
  expect(result).toMatchObject({ exitCode: 2, last: { reason: expect.stringMatching(message) } });
  expect(await database.query("select to_regclass('a') as a, to_regnamespace('migration_gate') as schema")).toEqual([
    { a: null, schema: null },
  ]);
});

test("all problems of a folder are told at once", async () => {
  const dir = migrations({ "1_a.sql": "-- gate: x", "2_b.sql": "\\q", "c.sql": "" });
  const { exitCode, last } = await startCli(bundle, ["validate", "--dir", dir], {}).ended();
  // Names first: a folder that is not what it seems is not parsed.
  expect({ exitCode, reason: last["reason"] }).toEqual({ exitCode: 2, reason: expect.stringContaining("c.sql") });
  const named = await startCli(bundle, ["validate", "--dir", dir, "--ignore", "c.sql"], {}).ended();
  expect(named.last["reason"]).toMatch(/2 problems:\n1_a\.sql:1: .*\n2_b\.sql:1: /);
});

test.each([
  ["an unknown flag", ["up", "--drop-everything"], nowhere],
  ["an unknown command", ["undo"], nowhere],
  ["a baseline without a migration", ["baseline"], nowhere],
  ["a resolve without a resolution", ["resolve", "1_a"], nowhere],
  ["a resolve with both resolutions", ["resolve", "1_a", "--done", "--undone"], nowhere],
  ["a duration without unit", ["--wait-budget", "5"], nowhere],
  ["an environment without a database", ["--dir", "/"], {}],
  ["a URL that is none", ["--dir", "/"], { DATABASE_URL: "hunter2@db:port:1" }],
  ["a report directory that is missing", ["--report", "/missing"], nowhere],
])("%s ends with 2", async (_, args, env) => {
  const result = await startCli(bundle, args, env).ended();
  expect(result).toMatchObject({ exitCode: 2, last: { msg: "migrator ended", outcome: "failed" } });
  expect(JSON.stringify(result)).not.toContain("hunter2");
});

test("flags are read from the environment too, and a flag wins", async () => {
  const dir = migrations({ "1_a.sql": "select 1;" });
  const result = await startCli(bundle, ["validate", "--json"], { MIGRATOR_DIR: dir }).ended();
  expect(JSON.parse(result.stdout)).toMatchObject({ migrations: [{ key: "1_a", transactional: true }] });
  const flag = await startCli(bundle, ["validate", "--dir", dir], { MIGRATOR_DIR: "/missing" }).ended();
  expect(flag).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^1 migrations are well-formed, the newest is 1_a\n/),
  });
});

test("--version prints the version of the package, --help an example", async () => {
  const { version } = JSON.parse(
    readFileSync(new URL("../../packages/migrator/package.json", import.meta.url), "utf8"),
  );
  const print = async (flag: string) => {
    const run = startCli(bundle, [flag], {});
    await new Promise((resolve) => run.process.once("close", resolve));
    return run.stdout();
  };
  expect(await print("--version")).toBe(`${version}\n`);
  expect(await print("--help")).toContain("DATABASE_URL=postgres://");
});

test("status tells applied, edited, changed, started, pending and newer apart, and --exit-code answers 6", async () => {
  const database = await server.createDatabase();
  const env = { DATABASE_URL: database.url };
  const files = { "1_a.sql": "create table a ();", "2_b.sql": "create table b ();", "3_c.sql": "create table c ();" };
  const dir = migrations({ ...files, "4_d.sql": "-- gate: no-transaction\nselect 1;\nselect 1/0;" });
  await startCli(bundle, ["--dir", dir], env).ended();
  addMigrations(dir, {
    "2_b.sql": "/**/ create table b ();",
    "3_c.sql": "create table c (id int);",
    "5_e.sql": "select 1;",
  });
  const run = await startCli(bundle, ["status", "--dir", dir, "--json", "--exit-code"], env).ended();
  expect(run.exitCode).toBe(6);
  const { migrations: states } = JSON.parse(run.stdout) as { migrations: { key: string; state: string }[] };
  expect(Object.fromEntries(states.map(({ key, state }) => [key, state]))).toEqual({
    "1_a": "applied",
    "2_b": "edited",
    "3_c": "changed",
    "4_d": "started",
    "5_e": "pending",
  });
  const older = await startCli(bundle, ["status", "--dir", migrations({ "1_a.sql": files["1_a.sql"] })], env).ended();
  expect(older.exitCode).toBe(0);
  expect(older.stdout).toMatch(/^applied +\S+Z +1_a\nnewer +\S+Z +2_b\n/);
});

test("--dry-run lists what is pending and applies nothing", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "vacuum;" });
  const run = await startCli(bundle, ["up", "--dry-run", "--dir", dir], { DATABASE_URL: database.url }).ended();
  expect(run).toMatchObject({ exitCode: 0, stdout: "1_a\n2_b\n" });
  expect(await database.query("select to_regnamespace('migration_gate') as schema")).toEqual([{ schema: null }]);
});
