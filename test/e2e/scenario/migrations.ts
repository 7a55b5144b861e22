import type { Cluster } from "../../../tools/environment/cluster.ts";
import { migrationsImageOf } from "../migrations-image.ts";

const posts = {
  "0001_create_posts.sql": "create table posts (title text); insert into posts values ('Hello');",
};
const tags = { ...posts, "0002_create_tags.sql": "create table tags (name text);" };
const broken = { ...tags, "0003_add_slug.sql": "alter table posts add column slug text not null;" };
const corrected = { ...tags, "0003_add_slug.sql": "alter table posts add column slug text not null default '';" };
const unique = { ...corrected, "0004_unique_titles.sql": "create unique index posts_title on posts (title);" };
const breaking = { ...tags, "0003_drop_tags.sql": "-- gate: breaking\ndrop table tags;" };

/**
 * Sets of migrations that are applied in no time. `broken` fails for its own fault, `unique` only where two posts have one
 * title, and nothing from before `breaking` can live with it; each of the others holds what is above it.
 */
const sets = { posts, tags, broken, corrected, unique, breaking };
export type MigrationSet = keyof typeof sets;

/** Brings images with these sets to the cluster, and returns their references. */
export async function migrationSets<Name extends MigrationSet>(
  cluster: Cluster,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const images: [Name, string][] = [];
  for (const name of names) images.push([name, await migrationsImageOf(cluster, `lifecycle-${name}`, sets[name])]);
  return Object.fromEntries(images) as Record<Name, string>;
}
