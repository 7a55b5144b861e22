import type { Database } from "../e2e/scenario/database-server.ts";
import type { MigrationFiles } from "./scenario.ts";

const posts = {
  "0001_create_posts.sql": "create table posts (title text); insert into posts values ('Hello');",
};
const tags = { ...posts, "0002_create_tags.sql": "create table tags (name text);" };
const broken = { ...tags, "0003_add_slug.sql": "alter table posts add column slug text not null;" };

/** Sets of migrations that are applied in no time; `broken` fails for its own fault. Each holds what is above it. */
export const sets = { posts, tags, broken } satisfies Record<string, MigrationFiles>;

/** The set with a last migration that runs until {@link endMigration}. */
export function endless(files: MigrationFiles): MigrationFiles {
  const wait = "perform pg_sleep(0.2); exit when exists (select from pg_class where relname = 'may_end');";
  return { ...files, "0009_slow.sql": `create table slow (); do $$ begin loop ${wait} end loop; end $$;` };
}

export async function endMigration({ query }: Database): Promise<void> {
  await query("create table may_end ()");
}
