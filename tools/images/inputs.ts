import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import type { BuildOrder } from "./engine.ts";

/**
 * The part of an image's tag that names its content: 10 hex digits over everything that the build takes in, which is the
 * Dockerfile, the build arguments (with the bases' references) and every file that the Dockerfile copies.
 *
 * A tag with it never comes to mean another content, so `imagePullPolicy: IfNotPresent` never runs a stale image, and an
 * image that is already there needs no build.
 */
export async function inputsHash({
  dockerfile,
  context,
  buildArguments,
}: Omit<BuildOrder, "reference">): Promise<string> {
  const text = await readFile(dockerfile, "utf8");
  const hash = createHash("sha256").update(text);
  for (const [name, value] of Object.entries(buildArguments).sort()) hash.update(`\0${name}=${value}`);
  const files = new Set<string>();
  for (const path of copiedPaths(text)) for await (const file of filesBelow(context, path)) files.add(file);
  for (const file of [...files].sort()) {
    hash.update(`\0${file}\0`).update(await readFile(join(context, file)));
  }
  return hash.digest("hex").slice(0, 10);
}

/** What a Dockerfile takes from its build context: the sources of each COPY that does not copy from another stage. */
export function copiedPaths(dockerfile: string): string[] {
  return dockerfile
    .split("\n")
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
    .map((path) => posix.normalize(path).replace(/\/$/, ""));
}

/** Files that the .dockerignore keeps out of the context too. */
export function isIgnored(path: string): boolean {
  const name = basename(path);
  return name === "node_modules" || name === "dist" || name.endsWith(".test.ts");
}

async function* filesBelow(context: string, path: string): AsyncGenerator<string> {
  if (isIgnored(path)) return;
  if ((await stat(join(context, path))).isFile()) {
    yield path;
    return;
  }
  for (const name of await readdir(join(context, path))) yield* filesBelow(context, posix.join(path, name));
}
