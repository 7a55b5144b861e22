import type { LogDestination } from "./logger.ts";
import { escapeControls } from "./terminal-text.ts";

const ownFields = new Set(["time", "level", "name", "msg", "err"]);

/** Turns JSON log lines into lines for a terminal: `17:03:04 warn  database is not reachable yet  attempt=2`. */
export function readableLines(destination: LogDestination): LogDestination {
  return { write: (text) => destination.write(`${readableLine(JSON.parse(text))}\n`) };
}

function readableLine(entry: Record<string, unknown>): string {
  const { time, level, msg, err } = entry;
  const fields = Object.entries(entry)
    .filter(([key]) => !ownFields.has(key))
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const prefix = level === "info" ? "" : `${level}: `;
  const line = [String(time).slice(11, 19), `${prefix}${msg}`, ...fields].join("  ");
  const stack = (err as { stack?: string } | undefined)?.stack;
  return escapeControls(stack ? `${line}\n${stack}` : line, "layout");
}
