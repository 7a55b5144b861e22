import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { migrations } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";
import { snapshot } from "../support/snapshot.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** The migrations that the package brings, with names that a layout knows and its placeholder filled in. */
function graphileWorkerMigrations(schema: string): Record<string, string> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("graphile-worker"))), "../sql");
  const files = readdirSync(folder).sort();
  return Object.fromEntries(
    files.map((name) => [
      name.replace(".sql", "_graphile_worker.sql"),
      readFileSync(join(folder, name), "utf8").replaceAll(/:GRAPHILE_WORKER_SCHEMA\b/g, schema),
    ]),
  );
}

test("graphile-worker's migrations leave what they leave without a tool, and can be taken over from there", async () => {
  const files = graphileWorkerMigrations("graphile_worker");
  const dir = migrations(files);
  const keys = Object.keys(files).map((name) => name.replace(".sql", ""));
  const [migrated, takenOver] = [await server.createDatabase(), await server.createDatabase()];
  const migrator = (database: TestDatabase, ...args: string[]) =>
    startCli(bundle, [...args, "--dir", dir], { DATABASE_URL: database.url }).ended();
  // The package creates these before it runs its first file.
  for (const database of [migrated, takenOver]) {
    await database.query(`create schema graphile_worker;
      create table graphile_worker.migrations (id int primary key, ts timestamptz not null default now())`);
  }
  for (const text of Object.values(files)) await takenOver.query(text);

  const run = await migrator(migrated, "up", "--allow-existing-tables");
  expect(run).toMatchObject({ exitCode: 0, last: { applied: keys.length, appliedTo: keys.at(-1) } });
  expect(await migrator(takenOver, "baseline", keys.at(-1) ?? "")).toMatchObject({ exitCode: 0 });
  for (const database of [migrated, takenOver]) {
    expect(await migrator(database, "up")).toMatchObject({ exitCode: 0, last: { applied: 0 } });
  }
  const [left, right] = [await snapshot(migrated), await snapshot(takenOver)];
  expect(left.schema).toContainEqual(expect.stringMatching(/^function graphile_worker\.add_jobs\(/));
  expect({ schema: left.schema, rows: left.rows }).toEqual({ schema: right.schema, rows: right.rows });
});
