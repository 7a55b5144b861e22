import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));

/** How an image is made: from a Dockerfile with the repository as its context, or by adding SQL files to the migrator. */
export type Recipe =
  | { readonly kind: "dockerfile"; readonly dockerfile: string; readonly versionFile: string }
  | { readonly kind: "migrations"; readonly version: string; readonly folders: readonly string[] };

const migrations = (version: string, ...parts: string[]): Recipe => ({
  kind: "migrations",
  version,
  folders: parts.map((part) => join(repositoryRoot, "examples/blog/migrations", part)),
});

/** Every image of this repository. A release of the blog's migrations holds all files up to it; v4 corrects v3. */
export const catalogue = {
  migrator: { kind: "dockerfile", dockerfile: "Dockerfile.migrator", versionFile: "package.json" },
  waiter: { kind: "dockerfile", dockerfile: "Dockerfile.waiter", versionFile: "package.json" },
  blog: { kind: "dockerfile", dockerfile: "examples/blog/Dockerfile", versionFile: "examples/blog/app/package.json" },
  postgres: {
    kind: "dockerfile",
    dockerfile: "test/images/postgres/Dockerfile",
    versionFile: "test/images/postgres/package.json",
  },
  "blog-migrations-v1": migrations("v1", "v1"),
  "blog-migrations-v2": migrations("v2", "v1", "v2"),
  "blog-migrations-v3": migrations("v3", "v1", "v2", "v3"),
  "blog-migrations-v4": migrations("v4", "v1", "v2", "v4"),
} as const satisfies Record<string, Recipe>;

export type ImageName = keyof typeof catalogue;

export const imageNames = Object.keys(catalogue) as ImageName[];

export function isImageName(name: string): name is ImageName {
  return Object.hasOwn(catalogue, name);
}

export async function readVersion(versionFile: string): Promise<string> {
  return JSON.parse(await readFile(join(repositoryRoot, versionFile), "utf8")).version;
}
