import { parseArgs } from "node:util";
import { type Command, commands, defaultCommand } from "./flags.ts";
import type { Flags } from "./settings.ts";

export type CommandLine =
  | { readonly command: Command; readonly flags: Flags }
  | { readonly command: "print"; readonly text: string };

/**
 * Parses the arguments into the flags as they were given; what they mean is up to settings.ts.
 *
 * A right command line is parsed by Node itself. For everything else (help, version, mistakes, a KEY) yargs is loaded,
 * which would cost a third of the time of a run with nothing to do.
 *
 * @throws UsageError for an unknown command or flag
 */
export async function parseCommandLine(args: readonly string[], version: string): Promise<CommandLine> {
  const quick = parseQuickly(args);
  if (quick) return quick;
  const { parseThoroughly } = await import("./command-line-yargs.ts");
  return await parseThoroughly(args, version);
}

/** `undefined` where anything at all is not as it should be, and for the commands with a KEY, which people run. */
export function parseQuickly(args: readonly string[]): CommandLine | undefined {
  const named = (Object.keys(commands) as Command[]).find((known) => known === args[0]);
  const command = named ?? defaultCommand;
  const { key, flags } = commands[command];
  if (key !== undefined) return undefined;
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { kind }]) => [
      name,
      { type: kind === "switch" ? "boolean" : "string", multiple: true } as const,
    ]),
  );
  try {
    const { values } = parseArgs({ args: named ? args.slice(1) : [...args], options, strict: true });
    const given = Object.entries(values as Record<string, (string | boolean)[]>);
    const isMistake = ([name, all]: (typeof given)[number]) =>
      all.includes("") || (all.length > 1 && flags[name]?.kind !== "texts");
    if (given.some(isMistake)) return undefined;
    const single = given.map(([name, all]) => [name, flags[name]?.kind === "texts" ? all : all[0]]);
    return { command, flags: Object.fromEntries(single) as Flags };
  } catch {
    return undefined;
  }
}
