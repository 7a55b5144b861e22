import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildSource, type ImageSource } from "./build-source.ts";
import type { Engine } from "./engine.ts";

let context: string;
let source: ImageSource;
beforeEach(async () => {
  context = await mkdtemp(join(tmpdir(), "build-source-"));
  await writeFile(join(context, "Dockerfile"), "FROM scratch\nCOPY a.txt /\n");
  await writeFile(join(context, "a.txt"), "a");
  source = { name: "x", version: "1.2.3", dockerfile: join(context, "Dockerfile"), context, buildArguments: {} };
});
afterEach(() => rm(context, { recursive: true }));

/** An engine that remembers tags, and calls `during` in the middle of each build. */
function fakeEngine(during: (build: number) => Promise<void> = async () => {}) {
  const tags = new Set<string>();
  let builds = 0;
  const engine: Engine = {
    name: "buildah",
    has: async (reference) => tags.has(reference),
    build: async ({ reference }) => {
      builds++;
      await during(builds);
      tags.add(reference);
    },
    tag: async (_reference, alias) => void tags.add(alias),
    remove: async (reference) => void tags.delete(reference),
    push: async () => {},
  };
  return { engine, tags, builds: () => builds };
}

const silent = () => {};

test("builds once, and then again only when a file has changed", async () => {
  const { engine, tags, builds } = fakeEngine();
  const first = await buildSource(source, engine, silent);
  expect(first).toMatch(/^docker\.io\/migration-gate\/x:1\.2\.3-[0-9a-f]{10}$/);
  expect(tags).toContain("docker.io/migration-gate/x:1.2.3");
  expect(await buildSource(source, engine, silent)).toBe(first);
  expect(builds()).toBe(1);
  await writeFile(join(context, "a.txt"), "b");
  expect(await buildSource(source, engine, silent)).not.toBe(first);
  expect(builds()).toBe(2);
});

test("throws away an image whose files changed while it was built", async () => {
  const change = (build: number) => (build === 1 ? writeFile(join(context, "a.txt"), "b") : Promise.resolve());
  const { engine, tags } = fakeEngine(change);
  const reference = await buildSource(source, engine, silent);
  expect([...tags].sort()).toEqual(["docker.io/migration-gate/x:1.2.3", reference]);
});

test("gives up when files change during every build", async () => {
  const { engine, tags, builds } = fakeEngine((build) => writeFile(join(context, "a.txt"), `${build}`));
  await expect(buildSource(source, engine, silent)).rejects.toThrow("x: files changed during each of 3 builds");
  expect(builds()).toBe(3);
  expect(tags.size).toBe(0);
});
