import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bases, makeDebianBases } from "./bases.ts";
import { buildSource, type ImageSource } from "./build-source.ts";
import { catalogue, type ImageName, readVersion, repositoryRoot } from "./catalogue.ts";
import { type Engine, findEngine, type Log } from "./engine.ts";
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
 * Builds images of this repository, or finds them built, and returns each one's reference. Its tag names its content
 * (see `inputsHash`), so it may be run with `imagePullPolicy: IfNotPresent`.
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

/** Builds an image that is not in the catalogue; the bases that its Dockerfile declares are added to its arguments. */
export async function buildDockerfile(source: ImageSource, { log }: BuildOptions): Promise<string> {
  const { engine, bases } = await openWorkshop(log);
  const buildArguments = { ...(await declared(source.dockerfile, bases)), ...source.buildArguments };
  return buildSource({ ...source, buildArguments }, engine, log);
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
  const buildArguments = await declared(dockerfile, workshop.bases);
  const source = { name, version, dockerfile, context: repositoryRoot, buildArguments };
  return buildSource(source, workshop.engine, workshop.log);
}

async function buildMigrationsImage(workshop: Workshop, name: string, version: string, folders: readonly string[]) {
  const MIGRATOR_IMAGE = await provideImage(workshop, "migrator");
  await using context = await stageMigrations(folders);
  const dockerfile = join(repositoryRoot, "examples/blog/Dockerfile.migrations");
  const source = { name, version, dockerfile, context: context.path, buildArguments: { MIGRATOR_IMAGE } };
  // Awaited here, because the context is removed when this function ends.
  return await buildSource(source, workshop.engine, workshop.log);
}

/** Leaves out the bases that a Dockerfile does not use: they would only change its image's hash. */
async function declared(dockerfile: string, bases: Workshop["bases"]): Promise<Record<string, string>> {
  const text = await readFile(dockerfile, "utf8");
  return Object.fromEntries(Object.entries(bases).filter(([name]) => text.includes(`ARG ${name}`)));
}
