import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Runs `install` for a folder of the cache unless the same inputs have been installed there already; half an
 * installation, or one of other inputs, is removed first.
 */
export async function installOnce(
  folder: string,
  inputs: readonly string[],
  install: () => Promise<void>,
): Promise<void> {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(await readFile(input)).update("\0");
  const wanted = hash.digest("hex");
  const stamp = join(folder, ".installed");
  const installed = await readFile(stamp, "utf8").catch(() => undefined);
  if (installed === wanted) return;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install();
  await writeFile(stamp, wanted);
}
