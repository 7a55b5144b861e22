import type { LogLevel } from "@migration-gate/cli-runtime/log-levels";
import type { LogDestination } from "@migration-gate/cli-runtime/logger";
import type { Environment, Flags } from "../settings-reader.ts";

/** What every command is given. */
export interface CommandContext {
  readonly flags: Flags;
  readonly env: Environment;
  readonly stdout: LogDestination;
  readonly level: LogLevel;
  readonly version: string;
}

/** What commands that people run are given, too; merely opening standard input costs time. */
export interface OperatorContext extends CommandContext {
  readonly stdin: NodeJS.ReadStream;
}
