import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import yargs, { type Options } from "yargs";
import type { CommandLine } from "./command-line.ts";
import { type Command, commands, defaultCommand, type FlagHelp } from "./flags.ts";
import type { Flags } from "./settings.ts";

/**
 * Parses what command-line.ts has not understood: prints help and version, and finds the words for a mistake.
 *
 * @throws UsageError for an unknown command or flag
 */
export async function parseThoroughly(args: readonly string[], version: string): Promise<CommandLine> {
  let printed = "";
  const parser = yargs()
    .scriptName("migrator")
    .usage("$0 [command]\n\nBrings a PostgreSQL database up to date with a folder of SQL migrations.")
    .example("DATABASE_URL=postgres://owner@db/blog $0", "apply what is pending")
    .example("$0 status --exit-code", "ends with 6 where something is pending")
    .epilogue(
      "The connection comes from DATABASE_URL, DATABASE_URL_FILE or libpq's PG* variables. " +
        "Every flag can be given as an environment variable: --wait-budget as MIGRATOR_WAIT_BUDGET.",
    )
    .version(version)
    .strict()
    // Otherwise `--no-dir` and `--dir.x` would be values of `--dir`.
    .parserConfiguration({
      "boolean-negation": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "greedy-arrays": false,
    })
    .exitProcess(false)
    .wrap(100)
    .fail((message, error) => {
      // For some mistakes yargs brings an error of its own.
      throw error && error.name !== "YError" ? error : new UsageError(`${message}; see migrator --help`);
    });
  for (const [name, { describe, key, flags }] of Object.entries(commands)) {
    const usage = key === undefined ? name : `${name} <key>`;
    parser.command(name === defaultCommand ? [usage, "$0"] : usage, describe, (options) => {
      for (const [flag, help] of Object.entries(flags)) options.option(flag, optionOf(help));
      return key === undefined ? options : options.positional("key", { type: "string", describe: key });
    });
  }
  const argv = await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    printed = output;
  });
  if (printed) return { command: "print", text: printed };
  const { _: [name = defaultCommand] = [], $0: _script, ...flags } = argv;
  const command = (Object.keys(commands) as Command[]).find((known) => known === name);
  // Behind `--` yargs takes anything for a command.
  if (!command) throw new UsageError(`unknown command: ${name}; see migrator --help`);
  return { command, flags: flags as Flags };
}

function optionOf({ kind, describe }: FlagHelp): Options {
  if (kind === "switch") return { type: "boolean", describe };
  const withValue = { type: "string", requiresArg: true, describe } as const;
  return kind === "text" ? withValue : { ...withValue, type: "array", string: true };
}
