import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { apt } from "../environment/debian-package.ts";
import type { Engine, Log } from "./engine.ts";

/** The references that become the build arguments of the same names. */
export interface Bases {
  readonly BUILD_IMAGE: string;
  readonly RUNTIME_IMAGE: string;
}

const folder = fileURLToPath(new URL("debian/", import.meta.url));
const nodeBinary = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
const npmVersion = "11.21.2";

/**
 * Makes both bases from Debian packages, Node and npm, for machines that reach package registries but no image registry.
 *
 * Their file systems are kept outside the repository, under names that hash all they are made from. So a base, and with it
 * every image on it, stays the same until its recipe changes or the cache is deleted, whatever Debian publishes meanwhile.
 */
export async function makeDebianBases(engine: Engine, log: Log): Promise<Bases> {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "migration-gate", "images");
  await mkdir(cache, { recursive: true });

  const runtimeKey = await keyOf([join(folder, "runtime-base.sh"), join(folder, "Dockerfile")], [process.arch]);
  const runtime = join(cache, `runtime-base-${runtimeKey}.tar`);
  await makeOnce(runtime, "runtime base from Debian packages", log, (out) => script("runtime-base.sh", out));

  const { stdout: registry } = await execa("npm", ["config", "get", "registry"]);
  const buildKey = await keyOf(
    [join(folder, "build-base.sh"), "/etc/ssl/certs/ca-certificates.crt"],
    [runtimeKey, process.version, npmVersion, registry],
  );
  const build = join(cache, `build-base-${buildKey}.tar`);
  await makeOnce(build, "build base from Debian packages, Node and npm", log, (out) =>
    script("build-base.sh", runtime, nodeBinary, npmVersion, out),
  );

  return {
    RUNTIME_IMAGE: await imageOf(runtime, `localhost/migration-gate/runtime-base:${runtimeKey}`, engine),
    BUILD_IMAGE: await imageOf(build, `localhost/migration-gate/build-base:${buildKey}`, engine),
  };
}

async function keyOf(files: readonly string[], values: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(file)).update("\0");
  return hash.update(values.join("\0")).digest("hex").slice(0, 10);
}

/** Makes a file unless it exists; a rename publishes it, so that a killed or parallel run never leaves half of one. */
async function makeOnce(file: string, what: string, log: Log, make: (out: string) => Promise<void>): Promise<void> {
  if (existsSync(file)) return;
  log(`making the ${what} …`);
  const unfinished = `${file}.${process.pid}`;
  try {
    await make(unfinished);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function script(name: string, ...args: string[]): Promise<void> {
  const run = () => execa("sh", [join(folder, name), ...args], { timeout: 10 * 60_000 });
  try {
    await run();
  } catch {
    // apt's lists are missing on a new machine and outdated on an old one.
    await apt("update");
    await run();
  }
}

async function imageOf(rootfs: string, reference: string, engine: Engine): Promise<string> {
  if (await engine.has(reference)) return reference;
  const context = await mkdtemp(join(tmpdir(), "migration-gate-base-"));
  try {
    await copyFile(rootfs, join(context, "rootfs.tar"));
    await engine.build({ reference, dockerfile: join(folder, "Dockerfile"), context, buildArguments: {} });
    return reference;
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
