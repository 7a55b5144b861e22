import { type CommandHelp, commonFlags, gateFlags } from "./flags.ts";

/** What people run: `check` in a pod, by hand or as `helm test`. */
export type OperatorCommand = "check";

const json = { type: "boolean", describe: "print JSON" } as const;

export const operatorCommands: Readonly<Record<OperatorCommand, CommandHelp>> = {
  check: {
    describe: "say whether this pod could wait: API, clock, token, access, ledger and Job",
    example: "check --job blog-0a1b2c3d4e --ledger blog-ledger --identity 0a1b2c3d4e",
    flags: {
      namespace: commonFlags.namespace,
      ...gateFlags,
      role: { describe: "wait or record: whose access is checked [default: wait]" },
      json,
    },
  },
};
