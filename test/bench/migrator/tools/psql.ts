import { join } from "node:path";
import { execa } from "execa";
import { layouts } from "../layouts.ts";
import { type ToolSource, urlOf } from "../tool.ts";

/** One psql that sends all files: what the SQL itself costs, statement by statement, with no history kept. */
export const psql: ToolSource = {
  names: ["psql"],
  install: async () => {
    const { stdout, failed } = await execa("psql", ["--version"], { reject: false });
    if (failed) throw new Error("psql is not installed (Debian, Ubuntu: apt install postgresql-client)");
    return [
      {
        name: "psql",
        version: /\d+(\.\d+)*/.exec(stdout)?.[0] ?? stdout,
        platform: "native code",
        keepsHistory: false,
        layout: layouts.plain,
        command: (database, folder, paths) => ({
          command: "psql",
          args: [
            ...["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", urlOf(database)],
            ...paths.map((path) => `--file=${join(folder, path)}`),
          ],
        }),
      },
    ];
  },
};
