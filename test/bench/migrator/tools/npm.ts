import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { installOnce } from "../install-once.ts";
import { layouts } from "../layouts.ts";
import { type DatabaseAddress, type ToolSource, urlOf } from "../tool.ts";

const inputs = ["package.json", "package-lock.json", ".npmrc", "postgrator.mjs"];

/** node-pg-migrate and postgrator, on the Node that our bundle runs on too. */
export const nodeTools: ToolSource = {
  names: ["node-pg-migrate", "postgrator"],
  install: async (context) => {
    const directory = await installPackages(context);
    return [
      {
        name: "node-pg-migrate",
        version: await installedVersion(directory, "node-pg-migrate"),
        platform: "Node.js",
        keepsHistory: true,
        layout: layouts.nodePgMigrate,
        command: (database, folder) => ({
          command: process.execPath,
          args: [
            join(directory, "node_modules/node-pg-migrate/bin/node-pg-migrate.js"),
            "up",
            ...["--migrations-dir", folder],
          ],
          env: { DATABASE_URL: urlOf(database) },
        }),
      },
      {
        name: "postgrator",
        version: await installedVersion(directory, "postgrator"),
        platform: "Node.js",
        keepsHistory: true,
        layout: layouts.postgrator,
        command: (database, folder) => ({
          command: process.execPath,
          args: [join(directory, "postgrator.mjs"), folder],
          env: pgVariables(database),
        }),
      },
    ];
  },
};

/** dbmate's own binary, which npm carries, without the JavaScript around it. */
export const dbmate: ToolSource = {
  names: ["dbmate"],
  install: async (context) => {
    const directory = await installPackages(context);
    const name = `@dbmate/${process.platform}-${process.arch}`;
    const version = await installedVersion(directory, name).catch(() => {
      throw new Error(`the npm package ${name} is not among the pinned ones`);
    });
    return [
      {
        name: "dbmate",
        version,
        platform: "native code",
        keepsHistory: true,
        layout: layouts.dbmate,
        command: (database, folder) => ({
          command: join(directory, "node_modules", name, "bin/dbmate"),
          args: ["--url", urlOf(database), "--migrations-dir", folder, "--no-dump-schema", "migrate"],
        }),
      },
    ];
  },
};

async function installPackages({ cache, log, signal }: Parameters<ToolSource["install"]>[0]): Promise<string> {
  const source = fileURLToPath(new URL("../../peers/npm", import.meta.url));
  const directory = join(cache, "npm");
  const paths = inputs.map((name) => join(source, name));
  await installOnce(directory, paths, async () => {
    log("installing node-pg-migrate, postgrator and dbmate (npm ci) …");
    await Promise.all(inputs.map((name) => copyFile(join(source, name), join(directory, name))));
    await execa("npm", ["ci", "--ignore-scripts", "--loglevel=error"], { cwd: directory, cancelSignal: signal });
  });
  return directory;
}

/** What is there, not what was asked for: they are the same, or `npm ci` has failed. */
async function installedVersion(directory: string, name: string): Promise<string> {
  const manifest = await readFile(join(directory, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function pgVariables({ port, name, user, password }: DatabaseAddress): Record<string, string> {
  return { PGHOST: "127.0.0.1", PGPORT: String(port), PGDATABASE: name, PGUSER: user, PGPASSWORD: password };
}
