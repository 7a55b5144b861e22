import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { addMigrations, migrations, temporaryDirectory } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

test("waits for a database that starts later", async () => {
  const database = await server.createDatabase();
  await server.stop();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const run = startCli(bundle, ["--dir", dir], { DATABASE_URL: database.url });
  expect(await run.logged("database is not available yet")).toMatchObject({
    reason: expect.stringContaining("ECONNREFUSED"),
  });
  await server.start();
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test.each([
  ["a wrong password", (url: string) => url.replace(/:[^:@]*@/, ":hunter2@"), "28P01"],
  ["a missing database", (url: string) => `${url}_missing`, "3D000"],
  ["a host without address", (url: string) => url.replace("127.0.0.1", "nowhere.invalid"), undefined],
])("%s is retried for the budget and ends with 5", async (_, change, sqlState) => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const run = startCli(bundle, ["--dir", dir, "--wait-budget", "600ms"], { DATABASE_URL: change(database.url) });
  const result = await run.ended();
  expect(result).toMatchObject({
    exitCode: 5,
    last: { reason: expect.stringContaining("no connection to the database") },
  });
  expect(result.last["sqlState"]).toBe(sqlState);
  expect(result.log.filter(({ msg }) => msg === "database is not available yet")).toHaveLength(1);
  expect(JSON.stringify(result)).not.toContain("hunter2");
});

test("a password that becomes right while it is retried is found", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role late login password 'old'");
  await database.superuser(`grant create on database ${database.name} to late`);
  const dir = migrations({ "1_a.sql": "select 1;" });
  const run = startCli(bundle, ["--dir", dir], { DATABASE_URL: database.urlOf("late", "new") });
  await run.logged("database is not available yet");
  await database.superuser("alter role late password 'new'");
  expect(await run.ended()).toMatchObject({ exitCode: 0 });
});

test("a role that may not connect is waited for until it may", async () => {
  const database = await server.createDatabase();
  await database.superuser(`revoke connect on database ${database.name} from public`);
  await database.superuser("create role outside login password 'outside'");
  const dir = migrations({ "1_a.sql": "select 1;" });
  const run = startCli(bundle, ["--dir", dir, "--role", "owner"], {
    DATABASE_URL: database.urlOf("outside", "outside"),
  });
  const reason = expect.stringContaining(`permission denied for database "${database.name}"`);
  expect(await run.logged("database is not available yet")).toMatchObject({ reason });
  await database.superuser("grant owner to outside");
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a directory of Unix sockets can stand in the place of a host, in a URL and in a key=value string", async () => {
  const database = await server.createDatabase();
  const sockets = temporaryDirectory("sockets");
  chmodSync(sockets, 0o777);
  server.process.configure(`unix_socket_directories = '${sockets}'`);
  await server.stop();
  await server.start();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const { username, password, port } = new URL(database.url);
  for (const url of [
    `postgres://${username}:${password}@/${database.name}?host=${sockets}&port=${port}&sslmode=verify-full`,
    `postgres://${username}:${password}@${encodeURIComponent(sockets)}:${port}/${database.name}`,
    `host=${sockets} port=${port} user=${username} password='${password}' dbname=${database.name}`,
  ]) {
    expect(await startCli(bundle, ["--dir", dir], { DATABASE_URL: url }).ended()).toMatchObject({ exitCode: 0 });
  }
});

test("the connection comes from PG variables or a file as well", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const { hostname, port, username, password } = new URL(database.url);
  const variables = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: password,
    PGDATABASE: database.name,
  };
  expect(await startCli(bundle, ["--dir", dir], variables).ended()).toMatchObject({
    exitCode: 0,
    last: { applied: 1 },
  });
  const secret = temporaryDirectory("secret");
  addMigrations(secret, { url: `${database.url}\n` });
  const file = { DATABASE_URL_FILE: `${secret}/url` };
  expect(await startCli(bundle, ["--dir", dir], file).ended()).toMatchObject({ exitCode: 0, last: { applied: 0 } });
});

test("limits that the role carries do not cut a migration, a read-only default is named", async () => {
  const database = await server.createDatabase();
  await database.superuser("create role limited login password 'limited' in role owner");
  await database.superuser("alter role limited set statement_timeout = '100ms'");
  await database.superuser("alter role limited set idle_in_transaction_session_timeout = '100ms'");
  const dir = migrations({ "1_a.sql": "select pg_sleep(0.4);" });
  const env = { DATABASE_URL: database.urlOf("limited", "limited") };
  const run = () => startCli(bundle, ["--dir", dir, "--role", "owner"], env).ended();
  expect(await run()).toMatchObject({ exitCode: 0 });
  await database.superuser("alter role limited set default_transaction_read_only = on");
  expect(await run()).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  addMigrations(dir, { "2_b.sql": "create table b ();" });
  expect(await run()).toMatchObject({
    exitCode: 4,
    last: { reason: expect.stringContaining("default_transaction_read_only") },
  });
});
