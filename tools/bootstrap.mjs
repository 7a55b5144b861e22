// Runs a TypeScript file of this repository on Node 24, after installing the dependencies if they are missing or stale.
// Plain JavaScript for any Node >= 20, because it is what a fresh clone runs first.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = join(root, "node_modules", ".installed-lock");

installDependencies();
await runOnNode24(process.argv.slice(2));

function installDependencies() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.error("installing npm dependencies (npm ci) …");
  // npm itself may run on an older Node; its engine warnings are about that Node, not about the one used below.
  const result = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.status !== 0)
    fail(`npm ci failed${result.error ? `: ${result.error.message}` : ""}; see its output above`);
  writeFileSync(stamp, lock);
}

async function runOnNode24([script, ...args]) {
  const installed = join(root, "node_modules", ".bin", "node");
  const node = existsSync(installed) ? installed : process.execPath;
  if (node === process.execPath && Number.parseInt(process.versions.node, 10) < 24) {
    fail(
      `Node 24 is needed and npm has no binary of it for ${process.platform}-${process.arch}: run this with Node >= 24`,
    );
  }
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const child = spawn(node, [join(root, script), ...args], { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
