import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { RolldownBuild, RolldownOptions } from "rolldown";
import { bundleOptions } from "../../rolldown.base.ts";

const waiterPackage = fileURLToPath(new URL("../../packages/waiter/", import.meta.url));

/** Bundles the waiter as its image has it, alone in a new folder, and returns the program's path. */
export async function bundleWaiter(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), "waiter-bundle-")), "waiter.mjs");
  const installed = createRequire(join(waiterPackage, "package.json")).resolve("rolldown");
  const { rolldown } = (await import(pathToFileURL(installed).href)) as {
    rolldown(options: RolldownOptions): Promise<RolldownBuild>;
  };
  const { output, ...input } = bundleOptions("waiter");
  const build = await rolldown({ ...input, cwd: waiterPackage });
  await build.write({ ...(Array.isArray(output) ? output[0] : output), file });
  await build.close();
  return file;
}
