import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BlogImages, blogChart, splitReference, writeBaseValues } from "../../../tools/environment/blog.ts";
import type { HelmMajor } from "../../../tools/environment/cluster.ts";
import { deployDatabase } from "../../../tools/environment/database.ts";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import { observeRelease, type ReleaseObserver } from "../../e2e/scenario/release-observer.ts";
import { isServing, type ReleaseState } from "../../e2e/scenario/release-state.ts";
import type { MigrationFiles } from "../scenario.ts";

/** The blog's release in a namespace, with its database beside it. */
export interface BlogRelease extends ReleaseObserver, AsyncDisposable {
  /** Installs or upgrades to these migrations, and waits as Helm does. Rejects where Helm gives up. */
  readonly upgrade: (helm: HelmMajor, files: MigrationFiles, ...flags: string[]) => Promise<void>;
  /** The same, and waits until only pods with them are left, and serve. */
  readonly serves: (helm: HelmMajor, files: MigrationFiles) => Promise<ReleaseState>;
  /** Goes back to the revision before, and waits likewise. */
  readonly rollBack: (helm: HelmMajor) => Promise<ReleaseState>;
}

const wait = ["--wait", "--timeout", "5m"];

/** Prepares the namespace and starts the database: the release is for `upgrade` to install. */
export async function openBlogRelease(
  namespace: Namespace,
  images: BlogImages,
  migrator: string,
): Promise<BlogRelease> {
  await deployDatabase(namespace, images.postgres);
  const values = await writeBaseValues(images, { image: splitReference(migrator) });
  const { state, reaches } = observeRelease(namespace);
  const upgrade: BlogRelease["upgrade"] = async (helm, files, ...flags) => {
    const changed = [
      "--set-json",
      `migrations.files.inline=${JSON.stringify(files)}`,
      "--set=features.categories=true",
    ];
    const command = ["upgrade", "--install", "blog", blogChart, "--values", values.file];
    await namespace.helm(helm, ...command, ...changed, ...wait, ...flags);
  };
  const served = () => reaches("only pods of the release are left, and serve", isServing);
  return {
    state,
    reaches,
    upgrade,
    serves: async (helm, files) => {
      await upgrade(helm, files);
      return served();
    },
    rollBack: async (helm) => {
      await namespace.helm(helm, "rollback", "blog", ...wait);
      return served();
    },
    [Symbol.asyncDispose]: () => values[Symbol.asyncDispose](),
  };
}

/** The migrations of the blog's first two versions. */
export async function blogMigrations(): Promise<MigrationFiles> {
  const files: [string, string][] = [];
  for (const version of ["v1", "v2"]) {
    const directory = join("examples/blog/migrations", version);
    for (const name of await readdir(directory)) files.push([name, await readFile(join(directory, name), "utf8")]);
  }
  return Object.fromEntries(files);
}
