import { HistoryConflictError } from "../errors.ts";
import { parseVersion, type Version } from "../files/file-name.ts";

/** One migration as the history knows it. Only `done` counts as applied. */
export interface HistoryRow {
  readonly key: string;
  readonly version: Version;
  readonly checksum: string;
  readonly state: "started" | "done";
  readonly breaking: boolean;
  /** ISO 8601, UTC. */
  readonly finishedAt?: string;
}

/** No file has a longer one, because no file has a longer name. */
const longestVersion = 255;

/**
 * Reads a row as the driver returns it. Nothing is guessed: of what a newer migrator, or a hand, has left there, every
 * meaning that it could be given would be wrong some day.
 *
 * @param history the table's name, for the message
 * @throws HistoryConflictError
 */
export function parseRow(row: Readonly<Record<string, unknown>>, history: string): HistoryRow {
  const { key, version, checksum, state, breaking, finished_at: finishedAt } = row;
  const refuse = (column: string, expected: string) =>
    new HistoryConflictError(
      `the history ${history} has ${typeof key === "string" ? `for ${key.slice(0, 200)}` : "somewhere"} a ${column} that is ${expected}: ` +
        "a newer migrator may have written it, so use that one; or put the row right by hand",
    );
  if (typeof key !== "string") throw refuse("key", "no text");
  if (typeof version !== "string" || version.length > longestVersion) throw refuse("version", "no version");
  if (typeof checksum !== "string") throw refuse("checksum", "no text");
  if (state !== "done" && state !== "started") throw refuse("state", "neither started nor done");
  if (typeof breaking !== "boolean") throw refuse("breaking", "neither true nor false");
  if (finishedAt !== null && !isMoment(finishedAt)) throw refuse("finished_at", "no moment of our era");
  return {
    key,
    version: parseVersion(version),
    checksum,
    state,
    breaking,
    ...(finishedAt !== null && { finishedAt: finishedAt.toISOString() }),
  };
}

/** Not `infinity`, and of a year with four digits, so that moments sort as their texts do. */
function isMoment(value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime()) && /^\d{4}-/.test(value.toISOString());
}
