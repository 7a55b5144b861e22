import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import yargs, { type Argv } from "yargs";
import type { Flags } from "./settings.ts";

export type Command = "up" | "status" | "validate" | "baseline" | "repair" | "resolve" | "unlock";

export type CommandLine =
  | { readonly command: Command; readonly flags: Flags }
  | { readonly command: "print"; readonly text: string };

const text = { type: "string", requiresArg: true } as const;
const flag = { type: "boolean" } as const;

/**
 * Parses the arguments into the flags as they were given; what they mean is up to settings.ts.
 *
 * @throws UsageError for an unknown command or flag
 */
export async function parseCommandLine(args: readonly string[], version: string): Promise<CommandLine> {
  let printed = "";
  const argv = await yargs()
    .scriptName("migrator")
    .usage("$0 [command]\n\nBrings a PostgreSQL database up to date with a folder of SQL migrations.")
    .command(["up", "$0"], "apply what is pending (the default command)", upOptions)
    .command("status", "show what is applied, pending, started, changed, missing or newer", statusOptions)
    .command("validate", "check the files, without a database", fileOptions)
    .command("baseline <key>", "mark everything up to a migration as applied, and run nothing", keyOptions)
    .command("repair <key>", "accept an applied migration's file as it is now", keyOptions)
    .command("resolve <key>", "settle a migration that was begun and not finished", resolveOptions)
    .command("unlock", "name the session that holds the lock, and end it", (options) =>
      databaseOptions(outputOptions(options)),
    )
    .example("DATABASE_URL=postgres://owner@db/blog $0", "apply what is pending")
    .example("$0 status --exit-code", "ends with 6 where something is pending")
    .epilogue(
      "The connection comes from DATABASE_URL, DATABASE_URL_FILE or libpq's PG* variables. " +
        "Every flag can be given as an environment variable: --wait-budget as MIGRATOR_WAIT_BUDGET.",
    )
    .version(version)
    .strict()
    .parserConfiguration({
      "camel-case-expansion": false,
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "greedy-arrays": false,
    })
    .exitProcess(false)
    .wrap(100)
    .fail((message, error) => {
      throw error ?? new UsageError(`${message}; see migrator --help`);
    })
    .parseAsync([...args], {}, (_error, _argv, output) => {
      printed = output;
    });
  if (printed) return { command: "print", text: printed };
  const { _: [command = "up"] = [], $0: _script, ...flags } = argv;
  return { command: command as Command, flags: flags as Flags };
}

function upOptions(options: Argv): Argv {
  return databaseOptions(fileOptions(options))
    .option("target", { ...text, describe: "key of the last migration to apply [default: the newest]" })
    .option("dry-run", { ...flag, describe: "list what would be applied, and apply nothing" })
    .option("report", {
      ...text,
      describe: "directory in which to report to `waiter record`, and to wait for its answer",
    })
    .option("lock-timeout", { ...text, describe: "longest time to queue for one table lock [default: 2s]" })
    .option("out-of-order", { ...flag, describe: "apply pending migrations that are older than applied ones" })
    .option("allow-existing-tables", {
      ...flag,
      describe: "begin with the first file though the database has tables that no history knows",
    });
}

function keyOptions(options: Argv): Argv {
  return databaseOptions(fileOptions(options)).positional("key", {
    type: "string",
    describe: "name of the migration in the history, as status shows it",
  });
}

function statusOptions(options: Argv): Argv {
  return databaseOptions(fileOptions(options)).option("exit-code", {
    ...flag,
    describe: "end with 6 where something is pending",
  });
}

function resolveOptions(options: Argv): Argv {
  return keyOptions(options)
    .option("done", { ...flag, describe: "it is done, by hand or otherwise: count it as applied" })
    .option("undone", { ...flag, describe: "nothing of it is left: run it from its first statement on" });
}

function databaseOptions(options: Argv): Argv {
  return options
    .option("history", { ...text, describe: "SCHEMA.TABLE of the history [default: migration_gate.history]" })
    .option("set", { ...text, describe: "name of this set of migrations in the history [default: default]" })
    .option("role", { ...text, describe: "role to SET after connecting, the owner of what is created" })
    .option("pooler", { ...text, describe: "pooler in between: auto, none, session or transaction [default: auto]" })
    .option("wait-budget", { ...text, describe: "longest time to spend waiting, all waits together [default: 5m]" });
}

function fileOptions(options: Argv): Argv {
  return outputOptions(options)
    .option("dir", { ...text, describe: "folder with the migrations [default: migrations]" })
    .option("ignore", {
      ...text,
      type: "array",
      string: true,
      describe: "glob of paths or keys to leave out; repeatable",
    });
}

function outputOptions(options: Argv): Argv {
  return options
    .option("json", { ...flag, describe: "print one JSON document on stdout, logs on stderr" })
    .option("log-level", { ...text, describe: "trace, debug, info, warn or error [default: info]" });
}
