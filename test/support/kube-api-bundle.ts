import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const waiterPackage = fileURLToPath(new URL("../../packages/waiter/", import.meta.url));

/** Bundles the waiter as its image has it, alone in a new folder, and returns the program's path. */
export function bundleWaiter(): string {
  const dir = mkdtempSync(join(tmpdir(), "waiter-bundle-"));
  const rolldown = join(waiterPackage, "node_modules/.bin/rolldown");
  const flags = ["--config", "rolldown.config.ts", "--log-level", "warn", "--dir", dir];
  execFileSync(rolldown, flags, { cwd: waiterPackage, stdio: "pipe" });
  return join(dir, "waiter.mjs");
}
