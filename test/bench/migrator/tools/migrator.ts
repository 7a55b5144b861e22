import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { layouts } from "../layouts.ts";
import { type InstallContext, type Tool, urlOf } from "../tool.ts";

/** The name that all others are compared with. */
export const ownName = "migrator";

/** The bundle of this repository, built anew. */
export async function buildOwnMigrator({ log, signal }: InstallContext): Promise<Tool> {
  const directory = fileURLToPath(new URL("../../../../packages/migrator", import.meta.url));
  log("building our bundle (npm run build) …");
  await execa("npm", ["run", "build", "--silent"], { cwd: directory, cancelSignal: signal });
  const { version } = JSON.parse(await readFile(join(directory, "package.json"), "utf8")) as { version: string };
  const bundle = join(directory, "dist/migrator.mjs");
  return {
    name: ownName,
    version,
    platform: "Node.js",
    keepsHistory: true,
    layout: layouts.plain,
    command: (database, folder) => ({
      command: process.execPath,
      args: [bundle, "--dir", folder],
      env: { DATABASE_URL: urlOf(database) },
    }),
  };
}
