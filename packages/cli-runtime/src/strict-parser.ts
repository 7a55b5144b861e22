import yargs, { type Argv } from "yargs";
import { UsageError } from "./expected-error.ts";

/** What a command line asks for: a text to be printed (help, version), or what yargs has read. */
export type Parsed = { readonly printed: string } | { readonly printed?: never; readonly argv: ParsedArguments };

type ParsedArguments = Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] };

/** A parser that takes nothing that it does not know, leaves values as they were typed, and never ends the process. */
export function strictParser(program: string, version: string): Argv {
  return (
    yargs()
      .scriptName(program)
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
        throw error && error.name !== "YError" ? error : new UsageError(`${message}; see ${program} --help`);
      })
  );
}

/**
 * Parses without printing anything.
 *
 * @throws UsageError for an unknown command or flag
 */
export async function parseStrictly(parser: Argv, args: readonly string[]): Promise<Parsed> {
  let printed = "";
  const argv = await parser.parseAsync([...args], {}, (_error, _argv, output) => {
    printed = output;
  });
  return printed ? { printed } : { argv };
}
