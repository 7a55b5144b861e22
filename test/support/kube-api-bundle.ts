import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { OutputOptions, RolldownBuild, RolldownOptions } from "rolldown";
import { splitBundleOptions } from "../../rolldown.base.ts";

const waiterPackage = fileURLToPath(new URL("../../packages/waiter/", import.meta.url));

/** Bundles the waiter as its image has it, alone in a new folder, and returns the program's path. */
export async function bundleWaiter(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "waiter-bundle-"));
  const installed = createRequire(join(waiterPackage, "package.json")).resolve("rolldown");
  const { rolldown } = (await import(pathToFileURL(installed).href)) as {
    rolldown(options: RolldownOptions): Promise<RolldownBuild>;
  };
  const { output, ...input } = splitBundleOptions("waiter");
  const build = await rolldown({ ...input, cwd: waiterPackage });
  await build.write({ ...(output as OutputOptions), dir });
  await build.close();
  return join(dir, "waiter.mjs");
}
