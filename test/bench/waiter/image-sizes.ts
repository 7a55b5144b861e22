import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { zstdCompress } from "node:zlib";
import { execa } from "execa";
import { findEngine } from "../../../tools/images/engine.ts";
import type { WaiterBench } from "./bench.ts";

/** Compressed bytes (zstd), as a registry would keep them. */
export interface ImageSizes {
  readonly waiterBytes: number;
  /** The layers that the migrator's image does not have. */
  readonly ownBytes: number;
  readonly kubectlBytes: number;
}

/** `undefined` where the images are docker's, which does not compress them with zstd by itself. */
export async function weighImages({ images, namespace, log }: WaiterBench): Promise<ImageSizes | undefined> {
  const engine = await findEngine(log);
  if (engine.name !== "buildah") return undefined;
  const [waiter, migrator] = [await layersOf(images.waiter), await layersOf(images.migrator)];
  const shared = new Set(migrator.map(({ digest }) => digest));
  const own = waiter.filter(({ digest }) => !shared.has(digest));
  const kubectl = await promisify(zstdCompress)(await readFile(namespace.cluster.kubectl));
  return { waiterBytes: total(waiter), ownBytes: total(own), kubectlBytes: kubectl.byteLength };
}

interface Layer {
  readonly digest: string;
  readonly size: number;
}

async function layersOf(reference: string): Promise<Layer[]> {
  const directory = await mkdtemp(join(tmpdir(), "migration-gate-image-"));
  try {
    await execa("buildah", ["push", "--compression-format", "zstd", reference, `oci:${directory}`]);
    const readJson = async (path: string) => JSON.parse(await readFile(join(directory, path), "utf8"));
    const { manifests } = await readJson("index.json");
    const { layers } = await readJson(`blobs/${manifests[0].digest.replace(":", "/")}`);
    return layers;
  } finally {
    await rm(directory, { recursive: true });
  }
}

function total(layers: readonly Layer[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}
