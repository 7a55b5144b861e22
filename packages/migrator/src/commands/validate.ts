import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { filesChecksum, readAnnouncedFiles } from "../files/checksum.ts";
import { parseScripts } from "../files/script.ts";
import type { FileSettings } from "../settings.ts";
import type { CommandResult } from "./result.ts";

/** `migrator validate`: reads and parses every file, as `up` would before it runs anything. */
export async function validate(settings: FileSettings): Promise<CommandResult> {
  const { directory } = settings;
  const files = readAnnouncedFiles(settings);
  const checksum = filesChecksum(directory, files);
  const scripts = await parseScripts(directory, files);
  const migrations = scripts.map(({ file, execution, directives }) => ({
    key: file.key,
    path: file.path,
    checksum: file.checksum,
    transactional: execution.kind === "transaction",
    breaking: directives.breaking,
  }));
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { migrations: migrations.length, checksum },
    document: { checksum, migrations },
    text: `${migrations.length} migrations are well-formed, the newest is ${migrations.at(-1)?.key}\nchecksum: ${checksum}`,
  };
}
