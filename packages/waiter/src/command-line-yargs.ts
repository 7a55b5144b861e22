import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import yargs from "yargs";
import type { CommandLine } from "./command-line.ts";
import { type Command, commands } from "./flags.ts";
import type { Flags } from "./settings-reader.ts";

/**
 * Parses what command-line.ts has not understood: prints help and version, and finds the words for a mistake.
 *
 * @throws UsageError for an unknown command or flag.
 */
export async function parseThoroughly(args: readonly string[], version: string): Promise<CommandLine> {
  let printed = "";
  const parser = yargs()
    .scriptName("waiter")
    .usage("$0 <command>\n\nHolds a pod back until its migrations are applied, and records that they are.")
    .demandCommand(1, 1, `a command is missing: ${Object.keys(commands).join(" or ")}`)
    .epilogue("Every flag can be given as an environment variable: --log-level as WAITER_LOG_LEVEL.")
    .version(version)
    .strict()
    .parserConfiguration({ "camel-case-expansion": false, "parse-numbers": false })
    .exitProcess(false)
    .wrap(100)
    .fail((message, error) => {
      throw error ?? new UsageError(`${message}; see waiter --help`);
    });
  for (const [name, { describe, example, flags }] of Object.entries(commands)) {
    parser.command(name, describe, (options) => {
      for (const [flag, help] of Object.entries(flags)) {
        options.option(flag, { type: "string", requiresArg: true, ...help });
      }
      return options.example(`$0 ${example}`, "");
    });
  }
  const argv = await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    printed = output;
  });
  if (printed) return { command: "print", text: printed };
  const { _: [command] = [], $0: _script, ...flags } = argv;
  return { command: command as Command, flags: flags as Flags };
}
