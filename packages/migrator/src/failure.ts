import type { CliFailure } from "@migration-gate/cli-runtime/run-cli";
import type { RunFailure } from "@migration-gate/run-report/report";
import { MigratorError } from "./errors.ts";

/** A failure as each reader needs it. */
export interface Failure {
  /** For the container's log alone: it may quote rows. */
  readonly logFields: Readonly<Record<string, unknown>>;
  /** For the report, and by it the ledger. */
  readonly report: RunFailure;
  /** For the termination message. */
  readonly message: string;
}

/** Describes what `runCli` reports: an expected failure without, a bug with its stack. */
export function describeFailure({ exitCode, bug, error }: CliFailure): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (bug) {
    return {
      logFields: { exitCode, err: error },
      report: { exitCode, message: `unexpected error: ${message}` },
      message,
    };
  }
  if (!(error instanceof MigratorError)) {
    return { logFields: { exitCode, reason: message }, report: { exitCode, message }, message };
  }
  const { place, logFields, reason = message } = error;
  return {
    logFields: { exitCode, reason, ...place, ...logFields },
    report: { exitCode, message: reason, ...place },
    message,
  };
}
