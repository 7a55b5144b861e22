import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { formatDuration } from "@migration-gate/cli-runtime/duration";
import { type Bases, makeDebianBases } from "./bases.ts";
import { catalogue, type ImageName, readVersion, repositoryRoot } from "./catalogue.ts";
import { type Engine, findEngine, type Log } from "./engine.ts";
import { inputsHash } from "./inputs.ts";
import { stageMigrations } from "./stage-migrations.ts";

export interface BuildOptions {
  /** Receives progress, a line at a time. */
  readonly log: Log;
}

interface Workshop {
  readonly engine: Engine;
  readonly bases: Bases | Record<string, never>;
  readonly log: Log;
  /** The references of the images that have been built already. */
  readonly built: Map<ImageName, string>;
}

/**
 * Builds images of this repository, or finds them built, and returns each one's reference,
 * `docker.io/migration-gate/NAME:VERSION-HASH`. The hash names the content (see `inputsHash`).
 */
export async function buildImages<Name extends ImageName>(
  names: readonly Name[],
  { log }: BuildOptions,
): Promise<Map<Name, string>> {
  const workshop = await openWorkshop(log);
  const references = new Map<Name, string>();
  for (const name of names) references.set(name, await provideImage(workshop, name));
  return references;
}

/** Builds an image that applies the SQL files of a folder: the migrator with that folder as /migrations. */
export async function migrationsImage(folder: string, name: string, { log }: BuildOptions): Promise<string> {
  return buildMigrationsImage(await openWorkshop(log), name, "sql", [folder]);
}

/** Docker pulls the public bases that the Dockerfiles name; buildah takes bases made on this machine. */
async function openWorkshop(log: Log): Promise<Workshop> {
  const engine = await findEngine(log);
  return { engine, bases: engine.name === "docker" ? {} : await makeDebianBases(engine, log), log, built: new Map() };
}

async function provideImage(workshop: Workshop, name: ImageName): Promise<string> {
  const reference = workshop.built.get(name) ?? (await buildImage(workshop, name));
  workshop.built.set(name, reference);
  return reference;
}

async function buildImage(workshop: Workshop, name: ImageName): Promise<string> {
  const recipe = catalogue[name];
  if (recipe.kind === "migrations") {
    return buildMigrationsImage(workshop, "blog-migrations", recipe.version, recipe.folders);
  }
  const dockerfile = join(repositoryRoot, recipe.dockerfile);
  const version = await readVersion(recipe.versionFile);
  return build(workshop, name, version, dockerfile, repositoryRoot, await declared(dockerfile, workshop.bases));
}

async function buildMigrationsImage(workshop: Workshop, name: string, version: string, folders: readonly string[]) {
  const MIGRATOR_IMAGE = await provideImage(workshop, "migrator");
  await using context = await stageMigrations(folders);
  const dockerfile = join(repositoryRoot, "examples/blog/Dockerfile.migrations");
  return await build(workshop, name, version, dockerfile, context.path, { MIGRATOR_IMAGE });
}

async function build(
  { engine, log }: Workshop,
  name: string,
  version: string,
  dockerfile: string,
  context: string,
  buildArguments: Readonly<Record<string, string>>,
): Promise<string> {
  const repository = `docker.io/migration-gate/${name}`;
  const reference = `${repository}:${version}-${await inputsHash(dockerfile, context, buildArguments)}`;
  if (await engine.has(reference)) {
    log(`${reference} is up to date`);
  } else {
    log(`building ${reference} …`);
    const started = performance.now();
    await engine.build({ reference, dockerfile, context, buildArguments });
    log(`built ${reference} in ${formatDuration(performance.now() - started)}`);
  }
  // For people and their own Dockerfiles; nothing here runs an image by a tag that moves.
  await engine.tag(reference, `${repository}:${version}`);
  return reference;
}

/** Leaves out the bases that a Dockerfile does not use: they would only change its image's hash. */
async function declared(dockerfile: string, bases: Workshop["bases"]): Promise<Record<string, string>> {
  const text = await readFile(dockerfile, "utf8");
  return Object.fromEntries(Object.entries(bases).filter(([name]) => text.includes(`ARG ${name}`)));
}
