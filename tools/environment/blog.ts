import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { buildImages } from "../images/build.ts";
import { repositoryRoot } from "../images/catalogue.ts";
import type { Cluster } from "./cluster.ts";

/** The blog's schema over time: v3 is broken on purpose, v4 corrects it. */
export const blogReleases = ["v1", "v2", "v3", "v4"] as const;
export type BlogRelease = (typeof blogReleases)[number];

/** References under which the cluster's nodes find the images of the blog and of all that it needs. */
export interface BlogImages {
  readonly blog: string;
  readonly waiter: string;
  readonly postgres: string;
  readonly migrations: Readonly<Record<BlogRelease, string>>;
}

export const blogChart = "examples/blog/chart";

/** Builds the blog's images, brings them to the cluster, and packs the gate into the blog's chart. */
export async function prepareBlog(cluster: Cluster, log: (line: string) => void): Promise<BlogImages> {
  await execa(cluster.helm[4], ["dependency", "build", blogChart], { cwd: repositoryRoot });
  const names = [
    "blog",
    "waiter",
    "postgres",
    "blog-migrations-v1",
    "blog-migrations-v2",
    "blog-migrations-v3",
    "blog-migrations-v4",
  ] as const;
  const built = await buildImages(names, { log });
  const provided = await cluster.provideImages(names.map((name) => built.get(name) ?? ""));
  const [blog = "", waiter = "", postgres = "", v1 = "", v2 = "", v3 = "", v4 = ""] = provided;
  return { blog, waiter, postgres, migrations: { v1, v2, v3, v4 } };
}

/** A values file that stays the same for all releases; what changes from one to the next is in `releaseFlags`. */
export interface BaseValues extends AsyncDisposable {
  readonly file: string;
}

export async function writeBaseValues(images: BlogImages, overrides: object = {}): Promise<BaseValues> {
  const directory = await mkdtemp(join(tmpdir(), "migration-gate-values-"));
  const file = join(directory, "values.yaml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify(baseValues(images, overrides), undefined, 2));
  return { file, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

/** The values that stay the same for all releases; `overrides` are values of the gate. */
export function baseValues(images: BlogImages, overrides: object = {}): object {
  return {
    image: splitReference(images.blog),
    migrations: {
      image: { repository: splitReference(images.migrations.v1).repository },
      waiter: { image: { registry: "", ...splitReference(images.waiter) } },
      ...overrides,
    },
  };
}

/** What a release changes: the image of the migrations, and whether the application uses the categories of v2. */
export function releaseValues(images: BlogImages, release: BlogRelease) {
  const { tag } = splitReference(images.migrations[release]);
  return { migrations: { image: { tag } }, features: { categories: release !== "v1" } };
}

/** The same as Helm's flags. */
export function releaseFlags(images: BlogImages, release: BlogRelease): string[] {
  const { migrations, features } = releaseValues(images, release);
  const tag = `migrations.image.tag=${migrations.image.tag}`;
  return ["--set-string", tag, "--set", `features.categories=${features.categories}`];
}

export function splitReference(reference: string): { repository: string; tag: string } {
  const colon = reference.lastIndexOf(":");
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}
