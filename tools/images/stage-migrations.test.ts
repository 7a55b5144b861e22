import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stageMigrations } from "./stage-migrations.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "stage-"));
});
afterEach(() => rm(root, { recursive: true }));

async function folder(name: string, ...files: string[]): Promise<string> {
  await mkdir(join(root, name));
  for (const file of files) await writeFile(join(root, name, file), "select 1;");
  return join(root, name);
}

test("puts the files of all folders into one, and removes it afterwards", async () => {
  let path: string;
  {
    await using staged = await stageMigrations([await folder("v1", "1_a.sql"), await folder("v2", "2_b.sql")]);
    path = staged.path;
    expect(await readdir(join(path, "migrations"))).toEqual(["1_a.sql", "2_b.sql"]);
  }
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("makes private files readable for the image's user", async () => {
  const source = await folder("v1", "1_a.sql");
  await chmod(join(source, "1_a.sql"), 0o600);
  await chmod(source, 0o700);
  await using staged = await stageMigrations([source]);
  expect((await stat(join(staged.path, "migrations"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(staged.path, "migrations/1_a.sql"))).mode & 0o777).toBe(0o644);
});

test("refuses two files of one name", async () => {
  const folders = [await folder("v3", "3_c.sql"), await folder("v4", "3_c.sql")];
  await expect(stageMigrations(folders)).rejects.toThrow("3_c.sql");
});
