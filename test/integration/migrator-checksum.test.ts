import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { addMigrations, migrations } from "../support/migrations.ts";
import { mountSecret } from "../support/mounted-secret.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const bundle = buildBundle("migrator");
const nowhere = { DATABASE_URL: "postgres://owner@127.0.0.1:1/nowhere", MIGRATOR_WAIT_BUDGET: "1ms" };

const files = {
  "10_index.sql": "create index on posts (title);\r\n",
  "9_posts.sql": "\ufeffcreate table posts (title text);",
  "README.md": "not a migration",
};

test("the documented command and validate print one checksum, of a ConfigMap as the kubelet mounts it", async () => {
  const dir = dirname(mountSecret(files).path("README.md"));
  const { stdout } = await execa("sh", ["-c", documentedCommand()], { cwd: dir });
  expect(stdout).toMatch(/^[0-9a-f]{64}$/);
  expect(await checksumOf(dir)).toBe(stdout);
  const { stdout: text } = await startCli(bundle, ["validate", "--dir", dir], {}).ended();
  expect(text).toContain(`checksum: ${stdout}\n`);
});

test("a changed byte, a name and a new file change the checksum; what is never applied does not", async () => {
  const dir = migrations(files);
  const seen = [await checksumOf(dir)];
  addMigrations(dir, { "10_index.sql": "create index on posts (title);\n" });
  seen.push(await checksumOf(dir), await checksumOf(migrations({ "9_post.sql": files["9_posts.sql"] })));
  addMigrations(dir, { "11_tags.sql": "create table tags ();" });
  seen.push(await checksumOf(dir));
  expect(new Set(seen).size).toBe(4);
  addMigrations(dir, { "11_tags.down.sql": "drop table tags;", "README.md": "changed" });
  expect(await checksumOf(dir)).toBe(seen.at(-1));
});

test("other files than the announced ones end with 2 before anything is connected to", async () => {
  const dir = migrations(files);
  const found = await checksumOf(dir);
  const announced = "0".repeat(64);
  for (const command of ["up", "status", "validate"]) {
    const { exitCode, last } = await startCli(
      bundle,
      [command, "--dir", dir, "--checksum", announced],
      nowhere,
    ).ended();
    expect({ exitCode, ...last }).toMatchObject({ exitCode: 2, expected: announced, found, files: 2 });
    expect(last["reason"]).toMatch(
      new RegExp(`checksum of these migrations is ${found}, and ${announced} was expected`),
    );
    expect(last["reason"]).toContain("`migrator validate` prints");
  }
});

test("the announced files are applied: the next thing is the connection", async () => {
  const dir = migrations(files);
  const env = { ...nowhere, MIGRATOR_CHECKSUM: await checksumOf(dir) };
  expect(await startCli(bundle, ["--dir", dir], env).ended()).toMatchObject({ exitCode: 5 });
});

test("a checksum that is none ends with 2", async () => {
  const { exitCode, last } = await startCli(bundle, ["--checksum", "sha256:abc"], nowhere).ended();
  expect(exitCode).toBe(2);
  expect(last["reason"]).toContain('--checksum: "sha256:abc" is not 64 hexadecimal digits');
});

async function checksumOf(dir: string): Promise<string> {
  const { stdout } = await startCli(bundle, ["validate", "--json", "--dir", dir], {}).ended();
  return JSON.parse(stdout).checksum;
}

function documentedCommand(): string {
  const page = readFileSync(new URL("../../docs/migrations.md", import.meta.url), "utf8");
  const command = /^sha256sum .*$/m.exec(page)?.[0];
  if (command === undefined) throw new Error("docs/migrations.md has no line that begins with sha256sum");
  return command;
}
