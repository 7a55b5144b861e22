import { type CommandHelp, commonFlags, gateFlags } from "./flags.ts";

/** What people run: `check` in a pod (or `helm test`), the others wherever a kubeconfig is. */
export type OperatorCommand = "check" | "status" | "retry";

const json = { type: "boolean", describe: "print JSON" } as const;

const laptopFlags = {
  namespace: { alias: "n", describe: "namespace [default: the context's own]" },
  kubeconfig: { describe: "file [default: as kubectl finds it]" },
  context: { describe: "context of the kubeconfig [default: the current one]" },
} as const;

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
  status: {
    describe: "show the gates of a namespace or release, and the pods that wait at them",
    example: "status blog --namespace shop --watch",
    positionals: { release: { describe: "only the gates of this Helm release" } },
    flags: {
      ...laptopFlags,
      watch: { alias: "w", type: "boolean", describe: "go on until Ctrl-C; with --json, one document a line" },
      json,
    },
  },
  retry: {
    describe: "delete a failed migration Job and create it again, exactly as it was",
    example: "retry blog --namespace shop",
    positionals: { target: { describe: "a Helm release, or the name of a Job", isRequired: true } },
    flags: {
      ...laptopFlags,
      gate: { describe: "name of the gate, where several of the release have failed" },
      identity: { describe: "identity of the migration set, likewise" },
      timeout: { describe: "how long to wait until the failed Job is gone [default: 2m]" },
      yes: { alias: "y", type: "boolean", describe: "do not ask" },
      "dry-run": { type: "boolean", describe: "print the Job that would be created, and change nothing" },
    },
  },
};
