import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "../../tools/environment/cluster.ts";
import { migrationsImage } from "../../tools/images/build.ts";

/** Builds an image with these migrations and brings it to the cluster. */
export async function migrationsImageOf(
  cluster: Cluster,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    for (const [file, sql] of Object.entries(files)) await writeFile(join(folder, file), sql);
    const built = await migrationsImage(folder, name, { log: () => {} });
    return (await cluster.provideImages([built]))[0] ?? "";
  } finally {
    await rm(folder, { recursive: true });
  }
}
