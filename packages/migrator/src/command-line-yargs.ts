import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import { parseStrictly, strictParser } from "@migration-gate/cli-runtime/strict-parser";
import type { CommandLine } from "./command-line.ts";
import { type Command, commands, defaultCommand, type FlagHelp } from "./flags.ts";
import type { Flags } from "./settings.ts";

/**
 * Parses what command-line.ts has not understood: prints help and version, and finds the words for a mistake.
 *
 * @throws UsageError for an unknown command or flag
 */
export async function parseThoroughly(args: readonly string[], version: string): Promise<CommandLine> {
  const parser = strictParser("migrator", version)
    .usage("$0 [command]\n\nBrings a PostgreSQL database up to date with a folder of SQL migrations.")
    .example("DATABASE_URL=postgres://owner@db/blog $0", "apply what is pending")
    .example("$0 status --exit-code", "ends with 6 where something is pending")
    .epilogue(
      "The connection comes from DATABASE_URL, DATABASE_URL_FILE or libpq's PG* variables. " +
        "Every flag can be given as an environment variable: --wait-budget as MIGRATOR_WAIT_BUDGET.",
    );
  for (const [name, { describe, key, flags }] of Object.entries(commands)) {
    const usage = key === undefined ? name : `${name} <key>`;
    parser.command(name === defaultCommand ? [usage, "$0"] : usage, describe, (options) => {
      for (const [flag, help] of Object.entries(flags)) options.option(flag, optionOf(help));
      return key === undefined ? options : options.positional("key", { type: "string", describe: key });
    });
  }
  const parsed = await parseStrictly(parser, args);
  if (parsed.printed !== undefined) return { command: "print", text: parsed.printed };
  const { _: [name = defaultCommand] = [], $0: _script, ...flags } = parsed.argv;
  const command = (Object.keys(commands) as Command[]).find((known) => known === name);
  // Behind `--` yargs takes anything for a command.
  if (!command) throw new UsageError(`unknown command: ${name}; see migrator --help`);
  return { command, flags: flags as Flags };
}

function optionOf({ kind, describe }: FlagHelp) {
  if (kind === "switch") return { type: "boolean", describe } as const;
  const withValue = { type: "string", requiresArg: true, describe } as const;
  return kind === "text" ? withValue : ({ ...withValue, type: "array", string: true } as const);
}
