import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import yargs, { type Argv } from "yargs";
import type { Flags } from "./settings-reader.ts";

export type CommandLine =
  | { readonly command: "wait" | "record"; readonly flags: Flags }
  | { readonly command: "print"; readonly text: string };

const text = { type: "string", requiresArg: true } as const;

/**
 * Parses the arguments into the flags as they were given; what they mean is up to settings.ts.
 *
 * @throws UsageError for an unknown command or flag.
 */
export async function parseCommandLine(args: readonly string[], version: string): Promise<CommandLine> {
  let printed = "";
  const argv = await yargs()
    .scriptName("waiter")
    .usage("$0 <command>\n\nHolds a pod back until its migrations are applied, and records that they are.")
    .command("wait", "wait until every gate is open", waitOptions)
    .command("record", "write the migration's report and success into the ledger", recordOptions)
    .demandCommand(1, 1, "a command is missing: wait or record")
    .epilogue("Every flag can be given as an environment variable: --log-level as WAITER_LOG_LEVEL.")
    .version(version)
    .strict()
    .parserConfiguration({ "camel-case-expansion": false, "parse-numbers": false })
    .exitProcess(false)
    .wrap(100)
    .fail((message, error) => {
      throw error ?? new UsageError(`${message}; see waiter --help`);
    })
    .parseAsync([...args], {}, (_error, _argv, output) => {
      printed = output;
    });
  if (printed) return { command: "print", text: printed };
  const { _: [command] = [], $0: _script, ...flags } = argv;
  return { command: command as "wait" | "record", flags: flags as Flags };
}

function waitOptions(options: Argv): Argv {
  return commonOptions(options)
    .option("job", { ...text, describe: "name of the migration's Job" })
    .option("ledger", { ...text, describe: "name of the ledger's ConfigMap" })
    .option("identity", { ...text, describe: "identity of the migration set, 10 hexadecimal digits" })
    .option("gate", { ...text, describe: "JOB:LEDGER:IDENTITY; repeatable, instead of the three above" })
    .option("timeout", { ...text, describe: "how long to wait at most [default: 65m]" })
    .example("$0 wait --job blog-0a1b2c3d4e --ledger blog-ledger --identity 0a1b2c3d4e", "");
}

function recordOptions(options: Argv): Argv {
  return commonOptions(options)
    .option("ledger", { ...text, describe: "name of the ledger's ConfigMap" })
    .option("identity", { ...text, describe: "identity of the migration set, 10 hexadecimal digits" })
    .option("report", {
      ...text,
      describe: "directory of the migrator's report, to run alongside it; without: record a success and end",
    })
    .example("$0 record --ledger blog-ledger --identity 0a1b2c3d4e --report /report", "");
}

function commonOptions(options: Argv): Argv {
  return options
    .option("namespace", { ...text, describe: "namespace of both [default: the pod's own]" })
    .option("log-level", { ...text, describe: "trace, debug, info, warn or error [default: info]" });
}
