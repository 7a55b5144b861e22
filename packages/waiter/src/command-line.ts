import { parseArgs } from "node:util";
import { type PodCommand, podCommands } from "./flags.ts";
import type { OperatorCommand } from "./operator-flags.ts";
import type { Flags } from "./settings-reader.ts";

export type CommandLine =
  | { readonly command: PodCommand | OperatorCommand; readonly flags: Flags }
  | { readonly command: "print"; readonly text: string };

/**
 * Parses the arguments into the flags as they were given; what they mean is up to settings.ts.
 *
 * A right command line of what runs in pods is parsed by Node itself. For everything else (help, version, mistakes,
 * commands for a laptop) yargs is loaded, which costs more time than all that an init container in front of an applied
 * migration does.
 *
 * @throws UsageError for an unknown command or flag.
 */
export async function parseCommandLine(args: readonly string[], version: string): Promise<CommandLine> {
  const quick = parseQuickly(args);
  if (quick) return quick;
  const { parseThoroughly } = await import("./command-line-yargs.ts");
  return await parseThoroughly(args, version);
}

/** `undefined` where anything at all is not as it should be. */
export function parseQuickly([name, ...args]: readonly string[]): CommandLine | undefined {
  const command = (Object.keys(podCommands) as PodCommand[]).find((known) => known === name);
  if (!command) return undefined;
  const flag = { type: "string", multiple: true } as const;
  const options = Object.fromEntries(Object.keys(podCommands[command].flags).map((known) => [known, flag]));
  try {
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    // An empty value is told apart from a missing one by yargs' words.
    if (Object.values(values).some((texts) => texts?.includes(""))) return undefined;
    return { command, flags: values };
  } catch {
    return undefined;
  }
}
