/** A flag that takes a value, as `--help` shows it. */
export interface FlagHelp {
  readonly describe: string;
}

/** What a command is for and which flags it takes: the one table that both parsers of command-line.ts are made from. */
export interface CommandHelp {
  readonly describe: string;
  readonly example: string;
  readonly flags: Readonly<Record<string, FlagHelp>>;
}

export type Command = "wait" | "record";

const commonFlags = {
  namespace: { describe: "namespace of both [default: the pod's own]" },
  "log-level": { describe: "trace, debug, info, warn or error [default: info]" },
} as const;

const ledger = { describe: "name of the ledger's ConfigMap" };
const identity = { describe: "identity of the migration set, 10 hexadecimal digits" };

export const commands: Readonly<Record<Command, CommandHelp>> = {
  wait: {
    describe: "wait until every gate is open",
    example: "wait --job blog-0a1b2c3d4e --ledger blog-ledger --identity 0a1b2c3d4e",
    flags: {
      ...commonFlags,
      job: { describe: "name of the migration's Job" },
      ledger,
      identity,
      gate: { describe: "JOB:LEDGER:IDENTITY; repeatable, instead of the three above" },
      timeout: { describe: "how long to wait at most [default: 65m]" },
    },
  },
  record: {
    describe: "write the migration's report and success into the ledger",
    example: "record --ledger blog-ledger --identity 0a1b2c3d4e --report /report",
    flags: {
      ...commonFlags,
      ledger,
      identity,
      report: {
        describe: "directory of the migrator's report, to run alongside it; without: record a success and end",
      },
    },
  },
};
