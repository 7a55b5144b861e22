import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue, repositoryRoot } from "./catalogue.ts";
import { copiedPaths } from "./inputs.ts";

const read = (path: string) => readFile(join(repositoryRoot, path), "utf8");
const dockerfiles = Object.values(catalogue).flatMap((recipe) => ("dockerfile" in recipe ? [recipe.dockerfile] : []));

test("every image has the same stage for Node, so that all share its layer", async () => {
  const stages = await Promise.all(
    dockerfiles.map(async (file) => /^FROM .* AS node\n.*\n/m.exec(await read(file))?.[0]),
  );
  expect(stages[0]).toContain("/usr/local/bin/node");
  expect(new Set(stages).size).toBe(1);
});

test.each(["migrator", "waiter"])("the %s's image takes in every package that it depends on", async (name) => {
  const { dependencies } = JSON.parse(await read(`packages/${name}/package.json`));
  const own = Object.keys(dependencies).filter((dependency) => dependency.startsWith("@migration-gate/"));
  const needed = [name, ...own.map((dependency) => dependency.slice("@migration-gate/".length))];
  const copied = copiedPaths(await read(`Dockerfile.${name}`));
  for (const workspace of needed) {
    expect(copied).toContain(`packages/${workspace}`);
    expect(copied).toContain(`packages/${workspace}/package.json`);
  }
});
