import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, args.length > 0 ? args : ["up", "--dir", dir], { DATABASE_URL: database.url, MIGRATOR_DIR: dir });

const up = (database: TestDatabase, dir: string) => start(database, dir).ended();

const megabyte = 2 ** 20;

/** Adds a file of lines to a folder, and returns how many lines make it this large. */
function addLines(
  dir: string,
  name: string,
  { head, line, tail, bytes }: { head: string; line: (n: number) => string; tail: string; bytes: number },
): number {
  const descriptor = openSync(join(dir, name), "w");
  let size = writeSync(descriptor, head);
  let lines = 0;
  while (size < bytes) {
    const chunk = Array.from({ length: 10_000 }, () => line(++lines)).join("");
    size += writeSync(descriptor, chunk);
  }
  writeSync(descriptor, tail);
  closeSync(descriptor);
  return lines;
}

const inserts = (bytes: number, tail: string) => ({
  head: "-- generated\nbegin;\nset local standard_conforming_strings = on;\n",
  line: (n: number) => `insert into a values (${n}, 'row ${n}, it''s long enough to be like one of a dump: äöü €');\n`,
  tail,
  bytes,
});

const rows = (bytes: number, tail: string) => ({
  head: "\\restrict x\ncopy a from stdin;\n",
  line: (n: number) => `${n}\trow ${n}, it's long enough to be like one of a dump: äöü €\n`,
  tail,
  bytes,
});

const waiting = "select 1 from pg_locks where relation = 'waiting.b'::regclass and not granted";

const count = async (database: TestDatabase) =>
  (await database.query<{ n: number }>("select count(*)::int as n from a"))[0]?.n;

const history = (database: TestDatabase) =>
  database.query(
    "select key, script is null as large, statements_total as total from migration_gate.history order by 1",
  );

async function prepared() {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a (id int, name text);" });
  return { database, dir };
}

test("50 MB of INSERTs are applied, and only their checksum is kept", async () => {
  const { database, dir } = await prepared();
  const lines = addLines(dir, "2_b.sql", inserts(50 * megabyte, "commit;\n"));
  expect((await up(database, dir)).exitCode).toBe(0);
  expect(await count(database)).toBe(lines);
  expect(await history(database)).toEqual([
    { key: "1_a", large: false, total: 1 },
    { key: "2_b", large: true, total: lines + 1 },
  ]);
  expect((await up(database, dir)).last).toMatchObject({ exitCode: 0, applied: 0 });
});

test("50 MB of COPY data are applied", async () => {
  const { database, dir } = await prepared();
  const lines = addLines(dir, "2_b.sql", rows(50 * megabyte, "\\.\ncomment on table a is 'done';\n\\unrestrict x\n"));
  expect((await up(database, dir)).exitCode).toBe(0);
  expect(await count(database)).toBe(lines);
});

test.each([
  ["the last statement", inserts(3 * megabyte, "insert into a\nvalues (1, '€', 'é');\ncommit;\n"), 2, 17, "42601"],
  [
    "a last statement whose error has no position",
    inserts(3 * megabyte, "select 1; insert into a select 1/0;\ncommit;\n"),
    1,
    11,
    "22012",
  ],
  ["the last row", rows(3 * megabyte, "1\tb\tc\n\\.\n"), 1, 1, "22P04"],
  ["what follows the data", rows(3 * megabyte, "\\.\nselect '😀', x;\n"), 2, 13, "42703"],
])("an error in %s has its line and column, and nothing is left", async (_, content, linesBehind, column, sqlState) => {
  const { database, dir } = await prepared();
  const lines = addLines(dir, "2_b.sql", content);
  const { exitCode, last } = await up(database, dir);
  const line = lines + content.head.split("\n").length - 1 + linesBehind;
  expect({ exitCode, last }).toMatchObject({ exitCode: 4, last: { file: "2_b.sql", line, column, sqlState } });
  expect(await count(database)).toBe(0);
  expect(await history(database)).toHaveLength(1);
});

test("what cannot be in a script is refused with its line before anything runs", async () => {
  const { database, dir } = await prepared();
  const lines = addLines(dir, "2_b.sql", inserts(3 * megabyte, "commit;\n\\connect b\nselect 'never closed"));
  const { exitCode, last } = await up(database, dir);
  expect({ exitCode, message: last["message"] ?? last["reason"] }).toMatchObject({ exitCode: 2 });
  expect(JSON.stringify(last)).toContain(`2_b.sql:${lines + 5}: psql's command \\\\connect`);
  expect(JSON.stringify(last)).toContain(`2_b.sql:${lines + 6}: a string is never closed`);
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test.each([
  ["small", "insert into a values (2, 'b');", "insert into a values (3, 'c');"],
  ["large", `insert into a values (2, 'b'); -- ${"x".repeat(2 * megabyte)}`, "insert into a values (3, 'c');"],
])("a %s file that is replaced while an earlier one runs is refused", async (_, before, after) => {
  const { database, dir } = await prepared();
  await database.query("create schema waiting; create table waiting.b ()");
  const blocker = await database.connect();
  await blocker.query("begin; lock table waiting.b");
  addMigrations(dir, { "2_b.sql": "alter table waiting.b add c int;", "3_c.sql": before });
  const run = start(database, dir, "up", "--allow-existing-tables", "--lock-timeout", "60s");
  await eventually("the run waits", async () => (await database.superuser(waiting)).length === 1);
  addMigrations(dir, { "3_c.sql": after });
  await blocker.query("rollback");
  const { exitCode, last } = await run.ended();
  expect(exitCode).toBe(2);
  expect(JSON.stringify(last)).toContain("3_c.sql was changed or removed while the migrator ran");
  expect(await count(database)).toBe(0);
  expect((await history(database)).map(({ key }) => key)).toEqual(["1_a", "2_b"]);
});

test("a large file that runs statement by statement resumes after the statement that failed", async () => {
  const { database, dir } = await prepared();
  const bytes = 1.2 * megabyte;
  const content = {
    head: "begin;\n",
    line: (n: number) => `insert into a values (${n}, '${"x".repeat(200)}');\n`,
    tail: "commit;\ncopy a from stdin;\n-1\tcopied\n\\.\nvacuum a;\n",
    bytes,
  };
  const lines = addLines(dir, "2_b.sql", { ...content, tail: `${content.tail}insert into b values (1);\n` });
  const failed = await up(database, dir);
  expect(failed).toMatchObject({ exitCode: 4, last: { line: lines + 7, column: 13, sqlState: "42P01" } });
  expect(await count(database)).toBe(lines + 1);
  addLines(dir, "2_b.sql", { ...content, tail: `${content.tail}insert into a values (0, 'corrected');\n` });
  expect((await up(database, dir)).exitCode).toBe(0);
  expect(await count(database)).toBe(lines + 2);
});

test("a large file that was changed after it was applied is refused, and repaired without a diff", async () => {
  const { database, dir } = await prepared();
  addLines(dir, "2_b.sql", inserts(2 * megabyte, "commit;\n"));
  expect((await up(database, dir)).exitCode).toBe(0);
  addLines(dir, "2_b.sql", inserts(2 * megabyte, "select 1; commit;\n"));
  expect((await up(database, dir)).exitCode).toBe(3);
  const repaired = await start(database, dir, "repair", "2_b").ended();
  expect({ exitCode: repaired.exitCode, text: repaired.stdout }).toMatchObject({
    exitCode: 0,
    text: expect.stringContaining("the history had no text to compare it with"),
  });
  expect((await up(database, dir)).exitCode).toBe(0);
});
