import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migrations, temporaryDirectory } from "../support/migrations.ts";
import { mountSecret } from "../support/mounted-secret.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { startTcpForwarder } from "../support/tcp-forwarder.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");
const marker = "hunter2-marker";

const start = (dir: string, env: Readonly<Record<string, string>>, ...args: string[]) =>
  startCli(bundle, ["--dir", dir, ...args], env);

/** The owner of a database by libpq's variables, without its password. */
function variables({ url, name }: TestDatabase): Record<string, string> {
  const { hostname, port, username } = new URL(url);
  return { PGHOST: hostname, PGPORT: port, PGUSER: username, PGDATABASE: name };
}

const passwordOf = ({ url }: TestDatabase) => new URL(url).password;

test("the password comes from a file in each of the three ways", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const password = passwordOf(database);
  const secret = mountSecret({
    url: `${database.url}\n`,
    password: `${password}\n`,
    pass: `*:*:*:owner:${password}\n`,
  });
  const rest = variables(database);
  for (const env of [
    { DATABASE_URL_FILE: secret.path("url") },
    { ...rest, PGPASSWORD_FILE: secret.path("password") },
    { ...rest, PGPASSFILE: secret.path("pass") },
  ]) {
    expect(await start(dir, env).ended()).toMatchObject({ exitCode: 0 });
  }
  const home = temporaryDirectory("home");
  writeFileSync(`${home}/.pgpass`, `*:*:*:owner:${password}`, { mode: 0o600 });
  expect(await start(dir, { ...rest, HOME: home }).ended()).toMatchObject({ exitCode: 0 });
});

test("a server that asks for a password where none is set ends the run at once", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const pass = mountSecret({ pass: `*:*:*:somebody:${marker}\n` }).path("pass");
  for (const env of [{}, { PGPASSFILE: pass }]) {
    expect(await start(dir, { ...variables(database), ...env }).ended()).toMatchObject({
      exitCode: 2,
      last: { reason: expect.stringMatching(/asks for a password of owner, .*PGPASSWORD_FILE/) },
    });
  }
});

test("a password that is rotated while the run waits is read again", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const secret = mountSecret({ password: "old" });
  const run = start(dir, { ...variables(database), PGPASSWORD_FILE: secret.path("password") });
  expect(await run.logged("database is not available yet")).toMatchObject({ reason: expect.stringContaining("owner") });
  secret.rotate({ password: passwordOf(database) });
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a password that is rotated in the middle of a run, its file being away for a moment, is read again", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role rotated login password 'old' in role owner");
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "select pg_sleep(3); create table b ();" });
  const secret = mountSecret({ url: database.urlOf("rotated", "old") });
  const run = start(dir, { DATABASE_URL_FILE: secret.path("url") }, "--role", "owner");
  await run.logged("applied migration");
  secret.rotate({});
  await database.superuser("alter role rotated password 'new'");
  await database.superuser("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotated'");
  await eventually("the run looks for the file in vain", async () =>
    run.log.some(({ reason }) => String(reason).includes("cannot be read (ENOENT)")),
  );
  secret.rotate({ url: database.urlOf("rotated", "new") });
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 2 } });
});

test("no failure shows a password, in the log, in the answer, in the report or in the termination message", async () => {
  const database = await server.createDatabase();
  await database.superuser(`create role leaky login password '${marker}'`);
  const dir = migrations({ "1_a.sql": "select 1/0;" });
  const url = database.urlOf("leaky", marker);
  const forwarder = await startTcpForwarder(1);
  const wrong = database.urlOf("owner", marker);
  const failures: Readonly<Record<string, string>>[] = [
    { DATABASE_URL: wrong },
    { DATABASE_URL: url },
    { DATABASE_URL: `${url}_missing` },
    { DATABASE_URL: url.replace("127.0.0.1", "nowhere.invalid") },
    { DATABASE_URL: database.at(forwarder.port).urlOf("leaky", marker) },
    { DATABASE_URL: `${url}?sslmode=require` },
    { DATABASE_URL: `${url}?unknown=1` },
    { DATABASE_URL: `${url}%` },
    { DATABASE_URL: `postgres://leaky:${marker}/x@127.0.0.1/d` },
    { DATABASE_URL: `mysql://leaky:${marker}@127.0.0.1/d` },
    { DATABASE_URL: `${marker}` },
    { DATABASE_URL: `password='${marker}` },
    { DATABASE_URL: `password=${marker} ${marker}` },
    { DATABASE_URL: `postgres://leaky:${marker}@127.0.0.1:${marker}/d` },
    { DATABASE_URL: url, PGSSLROOTCERT: "/nowhere", PGSSLMODE: "verify-full" },
    { ...variables(database), PGPASSWORD: marker },
    { ...variables(database), PGPASSFILE: mountSecret({ pass: `*:*:*:*:${marker}` }).path("pass") },
  ];
  for (const env of failures) {
    const report = temporaryDirectory("report");
    const message = `${report}/message`;
    const args = ["--json", "--report", report, "--wait-budget", "200ms", "--log-level", "debug"];
    const run = start(dir, { ...env, MIGRATOR_TERMINATION_LOG: message }, ...args);
    const result = await run.ended();
    expect(result.exitCode).not.toBe(0);
    expect(JSON.stringify(result)).not.toContain(marker);
    expect(readAll(report)).not.toContain(marker);
  }
});

test.each([
  ["in its line", `create role reader\n  login password '${marker}';`],
  [
    "in a statement that a function makes",
    `do $$ begin\n  execute 'create role reader password ''${marker}'''; end $$;`,
  ],
  [
    "in one whose string has escapes, behind a comment",
    `do $do$ begin\n  execute $$create role reader password /* ' */ E'a\\'${marker}'$$; end $do$;`,
  ],
  ["outside a transaction", `-- gate: no-transaction\ncreate role reader password '${marker}';`],
])("a migration that fails shows no password that it sets: %s", async (_, sql) => {
  const database = await server.createDatabase();
  const report = temporaryDirectory("report");
  const env = { DATABASE_URL: database.url, MIGRATOR_TERMINATION_LOG: `${report}/message` };
  const run = start(migrations({ "1_a.sql": sql }), env, "--json", "--report", report, "--log-level", "debug");
  const result = await run.ended();
  expect(result).toMatchObject({ exitCode: 4, last: { sqlState: "42501" } });
  expect(JSON.stringify(result)).not.toContain(marker);
  expect(readAll(report)).not.toContain(marker);
});

/** Whatever stands in a directory's files. */
function readAll(directory: string): string {
  return readdirSync(directory)
    .map((name) => readFileSync(`${directory}/${name}`, "utf8"))
    .join("\n");
}
