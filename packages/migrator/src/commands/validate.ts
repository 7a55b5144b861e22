import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { readMigrationFiles } from "../files/migration-files.ts";
import { parseScripts } from "../files/script.ts";
import type { FileSettings } from "../settings.ts";
import type { CommandResult } from "./result.ts";

/** `migrator validate`: reads and parses every file, as `up` would before it runs anything. */
export async function validate({ directory, ignore }: FileSettings): Promise<CommandResult> {
  const scripts = await parseScripts(directory, readMigrationFiles(directory, ignore));
  const migrations = scripts.map(({ file, execution, directives }) => ({
    key: file.key,
    path: file.path,
    checksum: file.checksum,
    transactional: execution.kind === "transaction",
    breaking: directives.breaking,
  }));
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { migrations: migrations.length },
    document: { migrations },
    text: `${migrations.length} migrations are well-formed, the newest is ${migrations.at(-1)?.key}`,
  };
}
