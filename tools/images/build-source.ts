import { formatDuration } from "@migration-gate/cli-runtime/duration";
import type { BuildOrder, Engine, Log } from "./engine.ts";
import { inputsHash } from "./inputs.ts";

/** Everything that an image is made from. */
export interface ImageSource extends Omit<BuildOrder, "reference"> {
  readonly name: string;
  readonly version: string;
}

const attempts = 3;

/**
 * Builds an image, or finds it built, and returns its reference `docker.io/migration-gate/NAME:VERSION-HASH`.
 *
 * The hash keeps its word even where a file changes during the build: that image is thrown away and built again.
 */
export async function buildSource(source: ImageSource, engine: Engine, log: Log): Promise<string> {
  const repository = `docker.io/migration-gate/${source.name}`;
  const nameContent = async () => `${repository}:${source.version}-${await inputsHash(source)}`;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const reference = await nameContent();
    const isBuilt = await engine.has(reference);
    if (isBuilt) log(`${reference} is up to date`);
    else await build(engine, { ...source, reference }, log);
    if (isBuilt || reference === (await nameContent())) {
      // For people and their own Dockerfiles; nothing here runs an image by a tag that moves.
      await engine.tag(reference, `${repository}:${source.version}`);
      return reference;
    }
    log(`${source.name}: a file changed during the build`);
    await engine.remove(reference);
  }
  throw new Error(`${source.name}: files changed during each of ${attempts} builds`);
}

async function build(engine: Engine, order: BuildOrder, log: Log): Promise<void> {
  log(`building ${order.reference} …`);
  const started = performance.now();
  await engine.build(order);
  log(`built ${order.reference} in ${formatDuration(performance.now() - started)}`);
}
