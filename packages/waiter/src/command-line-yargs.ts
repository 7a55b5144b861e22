import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import { parseStrictly, strictParser } from "@migration-gate/cli-runtime/strict-parser";
import type { CommandLine } from "./command-line.ts";
import { type CommandHelp, type FlagHelp, podCommands } from "./flags.ts";
import { operatorCommands } from "./operator-flags.ts";
import type { Flags } from "./settings-reader.ts";

const commands = { ...podCommands, ...operatorCommands };
type Command = keyof typeof commands;

/**
 * Parses what command-line.ts has not understood: prints help and version, and finds the words for a mistake.
 *
 * @throws UsageError for an unknown command or flag.
 */
export async function parseThoroughly(args: readonly string[], version: string): Promise<CommandLine> {
  const parser = strictParser("waiter", version)
    .usage("$0 <command>\n\nHolds pods back until their migrations are applied, and shows and retries what holds them.")
    .demandCommand(1, 1, `a command is missing: ${Object.keys(commands).join(" or ")}`)
    .epilogue("Every flag can be given as an environment variable: --log-level as WAITER_LOG_LEVEL.");
  for (const [name, help] of Object.entries<CommandHelp>(commands)) {
    const { describe, example, positionals = {}, flags } = help;
    const words = Object.entries(positionals).map(([word, { isRequired }]) => (isRequired ? `<${word}>` : `[${word}]`));
    parser.command([name, ...words].join(" "), describe, (options) => {
      for (const [word, { describe }] of Object.entries(positionals)) {
        options.positional(word, { type: "string", describe });
      }
      for (const [flag, help] of Object.entries(flags)) options.option(flag, optionOf(help));
      return options.example(`$0 ${example}`, "");
    });
  }
  const parsed = await parseStrictly(parser, args);
  if (parsed.printed !== undefined) return { command: "print", text: parsed.printed };
  const { argv } = parsed;
  const [name] = argv._;
  const command = (Object.keys(commands) as Command[]).find((known) => known === name);
  // Behind `--` yargs takes anything for a command.
  if (!command) throw new UsageError(`unknown command: ${name}; see waiter --help`);
  return { command, flags: knownFlags(argv, commands[command]) };
}

function optionOf({ type, ...help }: FlagHelp) {
  return type === "boolean" ? { ...help, type } : { ...help, type: "string" as const, requiresArg: true };
}

/** Without yargs' additions and aliases; a boolean becomes the text that it would be in the environment. */
function knownFlags(argv: Readonly<Record<string, unknown>>, { positionals = {}, flags }: CommandHelp): Flags {
  const names = [...Object.keys(positionals), ...Object.keys(flags)].filter((name) => argv[name] !== undefined);
  const text = (value: unknown) => (typeof value === "boolean" ? String(value) : (value as Flags[string]));
  return Object.fromEntries(names.map((name) => [name, text(argv[name])]));
}
