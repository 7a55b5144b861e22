import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { repositoryRoot } from "./catalogue.ts";
import { copiedPaths, inputsHash, isIgnored } from "./inputs.ts";

let context: string;
beforeEach(async () => {
  context = await mkdtemp(join(tmpdir(), "inputs-"));
  await mkdir(join(context, "src/dist"), { recursive: true });
  await writeFile(join(context, "Dockerfile"), "FROM base\nCOPY src/ /src/\nCOPY --from=build /bin/x /bin/x\n");
  await writeFile(join(context, "src/a.ts"), "a");
  await writeFile(join(context, "src/dist/a.mjs"), "built");
  await writeFile(join(context, "README.md"), "unused");
});
afterEach(() => rm(context, { recursive: true }));

const hash = (buildArguments = {}) => inputsHash({ dockerfile: join(context, "Dockerfile"), context, buildArguments });

test.each([
  ["a copied file", "src/a.ts"],
  ["a new file in a copied folder", "src/b.ts"],
  ["the Dockerfile", "Dockerfile"],
])("a change of %s changes the hash", async (_what, file) => {
  const before = await hash();
  await writeFile(join(context, file), "FROM other\nCOPY src/ /src/\n");
  expect(await hash()).not.toBe(before);
});

test("another base changes the hash", async () => {
  expect(await hash({ RUNTIME_IMAGE: "a" })).not.toBe(await hash({ RUNTIME_IMAGE: "b" }));
});

test.each(["README.md", "src/dist/a.mjs", "src/a.test.ts"])("a change of %s leaves the hash as it is", async (file) => {
  const before = await hash();
  await writeFile(join(context, file), "changed");
  expect(await hash()).toBe(before);
});

test("reads the sources of every COPY from the context", () => {
  const text = "COPY package.json ./other.json ./\nCOPY --from=build /a /b\nRUN echo COPY x y\nCOPY src/ /src/";
  expect(copiedPaths(text)).toEqual(["package.json", "other.json", "src"]);
});

test("what the hash leaves out never reaches a build either", async () => {
  const ignored = (await readFile(join(repositoryRoot, ".dockerignore"), "utf8")).split("\n");
  for (const path of ["node_modules", "dist", "x.test.ts"]) expect(isIgnored(path)).toBe(true);
  expect(ignored).toEqual(expect.arrayContaining(["**/node_modules", "**/dist", "**/*.test.ts"]));
});
