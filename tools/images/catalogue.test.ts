import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue, type Recipe } from "./catalogue.ts";
import { stageMigrations } from "./stage-migrations.ts";

const releases = Object.entries<Recipe>(catalogue).filter(([, recipe]) => recipe.kind === "migrations");

test.each(releases)("%s holds one file of each number, without a gap", async (_name, recipe) => {
  await using staged = await stageMigrations(recipe.kind === "migrations" ? recipe.folders : []);
  const numbers = (await readdir(join(staged.path, "migrations"))).map((file) => Number(file.slice(0, 4)));
  expect(numbers.length).toBeGreaterThanOrEqual(12);
  expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
});
