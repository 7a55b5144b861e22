import { pino, stdSerializers } from "pino";
import type { LogLevel } from "./log-levels.ts";
import { readableLines } from "./readable-lines.ts";
import { escapeControls } from "./terminal-text.ts";

export type { Logger } from "pino";

/** Where log lines go; `process.stdout` and `process.stderr` fit, and so does a capturing object in tests. */
export interface LogDestination {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Creates the logger of a command line: JSON lines, or readable ones where `destination` is a terminal.
 *
 * Messages are constants and data goes into fields, so that both people and machines can search them. Whatever a field
 * holds, it ends no line and controls no terminal. Writes are synchronous, because a short-lived process must not lose
 * its last lines.
 */
export function createLogger(name: string, level: LogLevel, destination: LogDestination) {
  return pino(
    {
      name,
      level,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // The default serializer flattens `cause` and loses the fields of PostgreSQL's errors.
      serializers: { err: stdSerializers.errWithCause },
    },
    destination.isTTY ? readableLines(destination) : jsonLines(destination),
  );
}

function jsonLines(destination: LogDestination): LogDestination {
  return { write: (text) => destination.write(escapeControls(text, "layout")) };
}
