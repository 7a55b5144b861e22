import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { documentedMigrations } from "../support/documented-migrations.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");
const notNull = documentedMigrations("expand-and-contract.md", "A NOT NULL column");
const rename = documentedMigrations("expand-and-contract.md", "Renaming a column");

const up = (database: TestDatabase, dir: string) =>
  startCli(bundle, ["up", "--dir", dir], { DATABASE_URL: database.url }).ended();

/** The schema and the rows that the page takes for granted. */
const before = {
  "0001_before.sql": `create table authors (id int generated always as identity primary key, name text);
    create table posts (id int generated always as identity primary key, body text not null);
    insert into authors (name) values ('Ada');
    insert into posts (body) select repeat('word ', 450);`,
};

test("the blog's migrations are those of the page", () => {
  for (const [file, sql] of notNull.filter(([name]) => /^v\d\//.test(name))) {
    const blog = new URL(`../../examples/blog/migrations/${file}`, import.meta.url);
    expect(withoutComments(readFileSync(blog, "utf8"))).toBe(withoutComments(sql));
  }
});

test("NOT NULL in one step fails on rows, and the old application goes on", async () => {
  const [database, dir] = await start();
  addMigrations(dir, { "0019_add_reading_minutes.sql": sqlOf(notNull, "v3/") });
  expect(await up(database, dir)).toMatchObject({ exitCode: 4, last: { sqlState: "23502" } });
  await oldBlog(database);
});

test("a constant default takes one statement, and the old application goes on", async () => {
  const [database, dir] = await start();
  addMigrations(dir, { "0019_add_reading_minutes.sql": sqlOf(notNull, "instead/") });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  await oldBlog(database);
});

const fourFiles = notNull.filter(([file]) => file.startsWith("v4/"));
const inBatches = fourFiles.with(1, notNull.find(([file]) => file.startsWith("batches/")) ?? ["", ""]);

test.each([
  ["one update", fourFiles],
  ["batches", inBatches],
])(
  "NOT NULL in four files, with %s: the old application goes on after each, and no row is without a value",
  async (_, steps) => {
    const [database, dir] = await start();
    expect(steps).toHaveLength(4);
    for (const [file, sql] of steps) {
      addMigrations(dir, { [basename(file)]: sql });
      expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
      await oldBlog(database);
    }
    expect(await database.query("select distinct reading_minutes from posts order by 1")).toEqual([
      { reading_minutes: 1 },
      { reading_minutes: 3 },
    ]);
    await expect(database.query("insert into posts (body, reading_minutes) values ('x', null)")).rejects.toThrow();
  },
);

test("a rename in three releases: both applications see each other's names until the last file", async () => {
  const [database, dir] = await start();
  expect(rename.map(([file]) => file.slice(0, 4))).toEqual(["0030", "0031", "0032"]);
  const [add, copy, drop] = rename;
  for (const [file, sql] of [add, copy].filter((step) => step !== undefined)) {
    addMigrations(dir, { [file]: sql });
    expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
    const written = await database.query("insert into authors (name) values ('Grace') returning id, display_name");
    expect(written).toMatchObject([{ display_name: "Grace" }]);
    await database.query("update authors set display_name = 'Grace H.' where name = 'Grace'");
    expect(await database.query("select from authors where name = 'Grace H.'")).not.toEqual([]);
    await database.query("delete from authors where display_name = 'Grace H.'");
  }
  expect(await database.query("select name, display_name from authors")).toEqual([
    { name: "Ada", display_name: "Ada" },
  ]);
  addMigrations(dir, { [drop?.[0] ?? ""]: drop?.[1] ?? "" });
  expect(await up(database, dir)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  await database.query("insert into authors (display_name) values ('Edsger')");
  await expect(database.query("select name from authors")).rejects.toThrow('"name" does not exist');
});

async function start(): Promise<[TestDatabase, string]> {
  const database = await server.createDatabase();
  const dir = migrations(before);
  expect(await up(database, dir)).toMatchObject({ exitCode: 0 });
  return [database, dir];
}

/** What the version before the change does all day. */
async function oldBlog(database: TestDatabase): Promise<void> {
  await database.query("insert into posts (body) values ('short')");
  await database.query("update posts set body = body || '' where body = 'short'");
  expect(await database.query("select body from posts where body = 'short'")).not.toEqual([]);
}

function sqlOf(files: readonly [string, string][], folder: string): string {
  const [found] = files.filter(([file]) => file.startsWith(folder));
  return found?.[1] ?? "";
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/^--.*\n/gm, "").trim();
}
