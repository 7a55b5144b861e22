import { expect, test } from "vitest";
import { documentedStatements } from "../support/documented-sql.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { query } from "../support/query.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");
const password = "change-me";

/** Does what sections of docs/roles.md say for an application of its own, and returns the application's database. */
async function follow(application: string, ...sections: readonly string[]): Promise<TestDatabase> {
  const database = server.database(application);
  for (const statement of sections.flatMap((section) => documentedStatements("roles.md", section, application))) {
    const target = /^create (role|database) /.test(statement) ? server.database("postgres") : database;
    await target.superuser(statement);
  }
  return database;
}

const run = (database: TestDatabase, role: string, ...args: string[]) =>
  startCli(bundle, args, { DATABASE_URL: database.urlOf(`${database.name}_${role}`, password) }).ended();

test("the owner needs no grant, and the application may use what later migrations create", async () => {
  const database = await follow("shop", "The owner itself", "The application");
  const dir = migrations({ "1_a.sql": "create table a (id int generated always as identity, n int);" });
  expect(await run(database, "owner", "--dir", dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  const app = database.urlOf("shop_app", password);
  expect(await query(app, "insert into a (n) values (1) returning id")).toEqual([{ id: 1 }]);
  await expect(query(app, "drop table a")).rejects.toThrow("must be owner");
  await expect(query(app, "select from migration_gate.history")).rejects.toThrow("permission denied");
});

test("a member of the owner does everything as the owner, with noinherit too", async () => {
  const database = await follow("leased", "A member of the owner");
  const as = (...args: string[]) => run(database, "migrator", ...args, "--role", "leased_owner", "--dir", dir);
  const dir = migrations({
    "1_a.sql": "create table a (id int);",
    "2_b.sql": "copy a from stdin;\n1\n\\.\nselect pg_sleep(0.6);",
    "3_c.sql": "create index concurrently a_id on a (id);",
  });
  expect(await as("up")).toMatchObject({ exitCode: 0, last: { applied: 3 } });
  expect(
    await database.superuser(
      `select distinct relowner::regrole::text as owner, pg_get_userbyid(datdba) as "database" from pg_class, pg_database
        where relnamespace::regnamespace::text in ('public', 'migration_gate') and datname = current_database()`,
    ),
  ).toEqual([{ owner: "leased_owner", database: "leased_owner" }]);
  addMigrations(dir, { "1_a.sql": "create table a (id int not null);", "4_d.sql": "create table d ();" });
  expect(await as("repair", "1_a")).toMatchObject({ exitCode: 0 });
  expect(await as("baseline", "4_d")).toMatchObject({ exitCode: 0, last: { marked: 1 } });
  expect(await as("status", "--exit-code")).toMatchObject({ exitCode: 0 });
  expect(await run(database, "migrator", "unlock")).toMatchObject({ exitCode: 0 });
});

test("a member that does not say --role is told that it may not use the owner's history", async () => {
  const database = await follow("forgotten", "A member of the owner");
  const dir = migrations({ "1_a.sql": "create table a ();" });
  await run(database, "migrator", "--role", "forgotten_owner", "--dir", dir);
  expect(await run(database, "migrator", "--dir", dir)).toMatchObject({
    exitCode: 2,
    last: { sqlState: "42501", reason: expect.stringContaining("role forgotten_migrator") },
  });
});

test.each(["postgres", "nobody"])(
  "--role %s, which the login role may not become, is refused by name",
  async (role) => {
    const database = await server.createDatabase();
    const dir = migrations({ "1_a.sql": "create table a ();" });
    const result = await startCli(bundle, ["--dir", dir, "--role", role], { DATABASE_URL: database.url }).ended();
    expect(result).toMatchObject({
      exitCode: 2,
      last: {
        reason: expect.stringMatching(`^role owner cannot become ${role} \\(--role\\): .*grant ${role} to owner`),
      },
    });
  },
);

test("a role that may not create schemas migrates with a history that is there already", async () => {
  const database = await follow("limited", "The owner itself", "A role that may not create schemas");
  const dir = migrations({ "1_a.sql": "create table a ();", "2_b.sql": "vacuum a; create table c ();" });
  expect(await run(database, "limited", "--dir", dir)).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  addMigrations(dir, { "3_c.sql": "-- gate: no-transaction\nselect 1; select 1/0;" });
  expect(await run(database, "limited", "--dir", dir)).toMatchObject({ exitCode: 4 });
  expect(await run(database, "limited", "resolve", "3_c", "--undone", "--dir", dir)).toMatchObject({ exitCode: 0 });
  expect(await run(database, "limited", "status", "--dir", dir)).toMatchObject({ exitCode: 0, last: { pending: 1 } });
});

test("a role without rights on the history, and then without rights on the schema, is told which", async () => {
  const database = await follow("denied", "The owner itself");
  const dir = migrations({ "1_a.sql": "create table a ();" });
  await database.superuser(`create role denied_limited login password '${password}'`);
  const up = () => run(database, "limited", "--dir", dir);
  const refused = {
    exitCode: 2,
    last: { sqlState: "42501", reason: expect.stringContaining("role denied_limited cannot use the history") },
  };
  expect(await up()).toMatchObject(refused);
  await run(database, "owner", "--set", "other", "--dir", migrations({ "1_x.sql": "select 1;" }));
  expect(await up()).toMatchObject(refused);
  await database.superuser("grant usage on schema migration_gate to denied_limited");
  await database.superuser("grant select, insert, update on migration_gate.history to denied_limited");
  expect(await up()).toMatchObject({ exitCode: 4, last: { sqlState: "42501", file: "1_a.sql", line: 1 } });
});

test("a role for status alone sees what is applied and changed, and can apply nothing", async () => {
  const owner = ["The owner itself", "A role that may not create schemas"];
  const database = await follow("watched", ...owner, "A role for `status` alone");
  const dir = migrations({ "1_a.sql": "select 1;" });
  await run(database, "limited", "--dir", dir);
  addMigrations(dir, { "1_a.sql": "select 2;", "2_b.sql": "select 1;" });
  const { exitCode, stdout } = await run(database, "status", "status", "--json", "--dir", dir);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ migrations: [{ key: "1_a", state: "changed" }, { state: "pending" }] });
  addMigrations(dir, { "1_a.sql": "select 1;" });
  expect(await run(database, "status", "--dir", dir)).toMatchObject({
    exitCode: 2,
    last: { sqlState: "42501", reason: expect.stringContaining("role watched_status") },
  });
});
