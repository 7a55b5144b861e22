import type { LogLevel } from "./log-levels.ts";
import { escapeControls } from "./terminal-text.ts";

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
  return `${escapeControls(JSON.stringify({ level, time: time.toISOString(), name, ...fields, msg: message }))}\n`;
}
