import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const start = (database: TestDatabase, dir: string, ...args: string[]) =>
  startCli(bundle, ["up", "--dir", dir, ...args], { DATABASE_URL: database.url });

const up = (database: TestDatabase, dir: string) => start(database, dir).ended();

/** As pg_dump writes it, shortened. */
const dump = String.raw`--
-- PostgreSQL database dump
--

\restrict 0abcXYZ

-- Dumped from database version 17.6
SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;
SET default_table_access_method = heap;

CREATE TABLE public.authors (
    id integer NOT NULL,
    name text
);

CREATE TABLE public.posts (
    id integer NOT NULL,
    author integer,
    body text DEFAULT 'empty'::text
);

--
-- Data for Name: authors; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.authors FROM stdin;
1	Zoë 😀; it's "quoted" /* and $$ more
2	\N
\.


COPY public.posts (id, author) FROM stdin;
10	1
11	2
\.


ALTER TABLE ONLY public.authors
    ADD CONSTRAINT authors_pkey PRIMARY KEY (id);

--
-- PostgreSQL database dump complete
--

\unrestrict 0abcXYZ

`;

const tables = "select to_regclass('public.authors') as authors, to_regclass('public.posts') as posts";
const gone = [{ authors: null, posts: null }];

test.each([
  ["LF", dump],
  ["CRLF", dump.replaceAll("\n", "\r\n")],
])("a dump with data, lines ended by %s, is applied like any migration", async (_, text) => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_dump.sql": text, "2_next.sql": "create table after_dump ();" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 2 } });
  expect(await database.query("select id, name from public.authors order by id")).toEqual([
    { id: 1, name: 'Zoë 😀; it\'s "quoted" /* and $$ more' },
    { id: 2, name: null },
  ]);
  expect(await database.query("select id, author, body from public.posts order by id")).toEqual([
    { id: 10, author: 1, body: "empty" },
    { id: 11, author: 2, body: "empty" },
  ]);
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 0 } });
});

const lineOf = (fragment: string) => dump.slice(0, dump.indexOf(fragment)).split("\n").length;

test.each([
  ["a column too many", "11\t2\n", "11\t2\t3\n", "22P04", lineOf("11\t2")],
  ["a value of the wrong type", "11\t2\n", "11\ttwo\n", "22P02", lineOf("11\t2")],
  ["a null where none may be", "2\t\\N\n", "\\N\t\\N\n", "23502", lineOf("2\t\\N")],
  ["a table that is not there", "COPY public.posts", "COPY public.nope", "42P01", lineOf("COPY public.posts")],
])("%s fails with the line in the file, and everything is rolled back", async (_, good, bad, sqlState, line) => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_dump.sql": dump.replace(good, () => bad) });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { file: "1_dump.sql", line, sqlState } });
  expect(await database.query(tables)).toEqual(gone);
  addMigrations(dir, { "1_dump.sql": dump });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

test("a duplicate key fails with the line of the second row", async () => {
  const database = await server.createDatabase();
  const dir = migrations({
    "1_a.sql": "create table a (id int primary key);\ncopy a from stdin;\n1\n2\n3\n2\n4\n\\.\n",
  });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 4,
    last: { line: 6, sqlState: "23505", excerpt: "2\n^" },
  });
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("CSV data is text up to \\. too, and its quoted line breaks count as the server counts them", async () => {
  const database = await server.createDatabase();
  const copy = "create table a (id int, t text);\ncopy a from stdin with (format csv, header);\nid,t\n";
  const dir = migrations({ "1_a.sql": `${copy}1,"x\ny;"\ntwo,z\n\\.\n` });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { line: 6, sqlState: "22P02" } });
  addMigrations(dir, { "1_a.sql": `${copy}1,"x\ny;"\n2,z\n\\.\n` });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select id, t from a order by id")).toEqual([
    { id: 1, t: "x\ny;" },
    { id: 2, t: "z" },
  ]);
});

test("data without its end is found before anything runs", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a (id int);", "2_b.sql": "select 1;\ncopy a from stdin;\n1\n" });
  expect(await up(database, dir)).toMatchObject({
    exitCode: 2,
    last: { reason: expect.stringMatching(/2_b\.sql:2: .*not ended by a line \\\./) },
  });
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("in a file that runs statement by statement, data commits with its progress and is not copied again", async () => {
  const database = await server.createDatabase();
  const file = (last: string, row = "1") =>
    `-- gate: no-transaction\ncreate table a (id int);\ncopy a from stdin;\n${row}\n\\.\nbegin;\ncopy a from stdin;\n2\n${last}\n\\.\ncommit;\n`;
  const dir = migrations({ "1_a.sql": file("three") });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { line: 9, sqlState: "22P02" } });
  expect(await database.query("select id from a")).toEqual([{ id: 1 }]);
  expect(await database.query("select statements_done as done from migration_gate.history")).toEqual([{ done: 2 }]);
  addMigrations(dir, { "1_a.sql": file("3", "7") });
  expect(await up(database, dir)).toMatchObject({ exitCode: 3 });
  addMigrations(dir, { "1_a.sql": file("3") });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(await database.query("select id from a order by id")).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
});

test("megabytes of data arrive whole", async () => {
  const database = await server.createDatabase();
  const rows = Array.from({ length: 100_000 }, (_, id) => `${id}\t${"😀é".repeat(20)}\n`).join("");
  const dir = migrations({ "1_a.sql": `create table a (id int, t text);\ncopy a from stdin;\n${rows}\\.\n` });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  expect(
    await database.query("select count(*)::int as n, min(t) = max(t) and max(t) = repeat('😀é', 20) as whole from a"),
  ).toEqual([{ n: 100_000, whole: true }]);
});

/** Stops at its first row for this long, with more data than fits into the buffers on its way. */
const slowCopy = (seconds: number) => `create table a (id int, t text);
  create function pause() returns trigger language plpgsql as 'begin perform pg_sleep(${seconds}); return new; end';
  create trigger pause before insert on a for each row when (new.id = 0) execute function pause();
  copy a from stdin;\n${Array.from({ length: 100_000 }, (_, id) => `${id}\t${"x".repeat(200)}\n`).join("")}\\.\n`;

const copying = "select pid from pg_stat_activity where query ~* '^copy a' and wait_event = 'PgSleep'";

test("SIGTERM in the middle of the data rolls it back", async () => {
  const database = await server.createDatabase();
  const run = start(database, migrations({ "1_a.sql": slowCopy(30) }));
  await eventually("the data is on its way", async () => (await database.superuser(copying)).length > 0);
  run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({ exitCode: 143 });
  expect(await database.query("select to_regclass('a') as a")).toEqual([{ a: null }]);
});

test("a connection that is cut in the middle of the data is made again, and all of it copied once", async () => {
  const database = await server.createDatabase();
  const run = start(database, migrations({ "1_a.sql": slowCopy(1) }));
  const backend = await eventually("the data is on its way", async () => {
    const [found] = await database.superuser<{ pid: number }>(copying);
    return found;
  });
  await database.superuser(`select pg_terminate_backend(${backend.pid})`);
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  expect(await database.query("select count(*)::int as n from a")).toEqual([{ n: 100_000 }]);
});

test("a lock timeout behind the data makes all of it go again", async () => {
  const database = await server.createDatabase();
  await database.query("create table b ()");
  const other = await database.connect();
  await other.query("begin; select * from b");
  const dir = migrations({
    "1_a.sql": "create table a (id int);\ncopy a from stdin;\n1\n2\n\\.\nalter table b add c int;",
  });
  const run = start(database, dir, "--allow-existing-tables", "--lock-timeout", "300ms");
  expect(await run.logged("migration is blocked, trying again")).toMatchObject({ line: 6 });
  await other.query("rollback");
  expect(await run.ended()).toMatchObject({ exitCode: 0 });
  expect(await database.query("select id from a order by id")).toEqual([{ id: 1 }, { id: 2 }]);
});
