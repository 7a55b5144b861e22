/** A flag as `--help` shows it: with a value, with a value and repeatable, or a switch. */
export interface FlagHelp {
  readonly kind: "text" | "texts" | "switch";
  readonly describe: string;
}

/** What a command is for and what it takes: the one table that both parsers of command-line.ts are made from. */
export interface CommandHelp {
  readonly describe: string;
  /** Describes the KEY of the commands that take one. */
  readonly key?: string;
  readonly flags: Readonly<Record<string, FlagHelp>>;
}

export type Command = "up" | "status" | "validate" | "baseline" | "repair" | "resolve" | "unlock";

/** What runs where no command is named. */
export const defaultCommand: Command = "up";

const text = (describe: string): FlagHelp => ({ kind: "text", describe });
const flag = (describe: string): FlagHelp => ({ kind: "switch", describe });

const outputFlags = {
  json: flag("print one JSON document on stdout, logs on stderr"),
  "log-level": text("trace, debug, info, warn or error [default: info]"),
};

const fileFlags = {
  ...outputFlags,
  dir: text("folder with the migrations [default: migrations]"),
  ignore: { kind: "texts", describe: "glob of paths or keys to leave out; repeatable" },
  checksum: text("what the files must be, as `validate` prints it [default: any]"),
} as const;

const databaseFlags = {
  history: text("SCHEMA.TABLE of the history [default: migration_gate.history]"),
  set: text("name of this set of migrations in the history [default: default]"),
  role: text("role to SET after connecting, the owner of what is created"),
  pooler: text("pooler in between: auto, none, session or transaction [default: auto]"),
  "wait-budget": text("longest time to spend waiting, all waits together [default: 5m]"),
};

const settlingFlags = { ...fileFlags, ...databaseFlags };
const key = "name of the migration in the history, as status shows it";

export const commands: Readonly<Record<Command, CommandHelp>> = {
  up: {
    describe: "apply what is pending (the default command)",
    flags: {
      ...fileFlags,
      ...databaseFlags,
      target: text("key of the last migration to apply [default: the newest]"),
      "dry-run": flag("list what would be applied, and apply nothing"),
      report: text("directory in which to report to `waiter record`, and to wait for its answer"),
      "lock-timeout": text("longest time to queue for one table lock [default: 2s]"),
      "grace-period": text("longest time that an index build may go on after SIGTERM [default: 50s]"),
      "out-of-order": flag("apply pending migrations that are older than applied ones"),
      "allow-existing-tables": flag("begin with the first file though the database has tables that no history knows"),
    },
  },
  status: {
    describe: "show what is applied, pending, started, changed, missing or newer",
    flags: { ...fileFlags, ...databaseFlags, "exit-code": flag("end with 6 where something is pending") },
  },
  validate: { describe: "check the files, without a database", flags: fileFlags },
  baseline: { describe: "mark everything up to a migration as applied, and run nothing", key, flags: settlingFlags },
  repair: { describe: "accept an applied migration's file as it is now", key, flags: settlingFlags },
  resolve: {
    describe: "settle a migration that was begun and not finished",
    key,
    flags: {
      ...settlingFlags,
      done: flag("it is done, by hand or otherwise: count it as applied"),
      undone: flag("nothing of it is left: run it from its first statement on"),
    },
  },
  unlock: {
    describe: "name the session that holds the lock, and end it",
    flags: { ...outputFlags, ...databaseFlags },
  },
};
