/** A flag as `--help` shows it; it takes a value unless it is a boolean. */
export interface FlagHelp {
  readonly describe: string;
  readonly type?: "boolean";
  readonly alias?: string;
}

/** What a command is for and which flags it takes: the one table that both parsers of command-line.ts are made from. */
export interface CommandHelp {
  readonly describe: string;
  readonly example: string;
  /** Arguments without a name, as yargs spells them; each becomes a flag of its name. */
  readonly positionals?: Readonly<Record<string, { readonly describe: string; readonly isRequired?: boolean }>>;
  readonly flags: Readonly<Record<string, FlagHelp>>;
}

/** What runs in pods, at every start of each; what people run is in operator-flags.ts. */
export type PodCommand = "wait" | "record";

export const commonFlags = {
  namespace: { describe: "namespace of both [default: the pod's own]" },
  "log-level": { describe: "trace, debug, info, warn or error [default: info]" },
} as const;

export const gateFlags = {
  job: { describe: "name of the migration's Job" },
  ledger: { describe: "name of the ledger's ConfigMap" },
  identity: { describe: "identity of the migration set, 10 hexadecimal digits" },
  gate: { describe: "JOB:LEDGER:IDENTITY; repeatable, instead of the three above" },
} as const;
const { ledger, identity } = gateFlags;

export const podCommands: Readonly<Record<PodCommand, CommandHelp>> = {
  wait: {
    describe: "wait until every gate is open",
    example: "wait --job blog-0a1b2c3d4e --ledger blog-ledger --identity 0a1b2c3d4e",
    flags: {
      ...commonFlags,
      ...gateFlags,
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
