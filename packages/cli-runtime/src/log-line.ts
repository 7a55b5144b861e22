import type { LogLevel } from "./log-levels.ts";

/**
 * Writes one log line as `createLogger` would, for the one path on which loading a logger costs more time than the work.
 */
export function logLine(
  name: string,
  level: LogLevel,
  fields: Readonly<Record<string, unknown>>,
  message: string,
  time = new Date(),
): string {
  return `${JSON.stringify({ level, time: time.toISOString(), name, ...fields, msg: message })}\n`;
}
