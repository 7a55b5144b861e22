import type { TestDatabase } from "./postgres.ts";
import { type CliResult, startCli } from "./run-cli.ts";

/** Three migrations for the tests of the commands that change the history by hand. */
export const blog = {
  "1_posts.sql": "create table posts (id int);",
  "2_tags.sql": "create table tags (id int);",
  "3_authors.sql": "create table authors (id int);",
};

/** What the history says about each migration, in the order in which they came into it. */
export function rows(database: TestDatabase) {
  return database.query("select key, state, origin from migration_gate.history order by applied_order");
}

/** Runs a command of the migrator on a database and a folder, to its end. */
export function runOnFolder(
  bundle: string,
  database: TestDatabase,
  dir: string,
  ...args: string[]
): Promise<CliResult> {
  return startCli(bundle, [...args, "--dir", dir], { DATABASE_URL: database.url }).ended();
}
