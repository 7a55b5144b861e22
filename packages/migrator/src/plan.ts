import { UsageError } from "./errors.ts";
import { compareVersions, type Version } from "./files/file-name.ts";
import { isIgnored, type MigrationFile } from "./files/migration-files.ts";
import type { HistoryRow } from "./history/row.ts";

/** What the files and the history say together: everything that a run or a status decides from. */
export interface Plan {
  /** In the order in which they are applied; a started row does not count as applied. */
  readonly pending: readonly MigrationFile[];
  readonly applied: readonly AppliedMigration[];
  /** Pending, but older than something applied. */
  readonly outOfOrder: readonly MigrationFile[];
  /** Applied, with another content now: whether it matters is for a comparison of the scripts to say. */
  readonly changed: readonly AppliedMigration[];
  /** Applied, gone from the files, and older than the newest file. */
  readonly missing: readonly HistoryRow[];
  /** In the history and newer than every file: the database has seen a newer image. */
  readonly newer: readonly HistoryRow[];
  /** Keys of pending migrations that an earlier run has begun. */
  readonly started: readonly string[];
  /** Newest applied key. */
  readonly newest?: string;
}

export interface AppliedMigration {
  readonly file: MigrationFile;
  readonly row: HistoryRow;
}

/** Compares files and history. Pure; `files` are in order, as `readMigrationFiles` returns them. */
export function planMigrations(
  files: readonly MigrationFile[],
  rows: readonly HistoryRow[],
  ignore: readonly string[] = [],
): Plan {
  const rowOfKey = new Map(rows.map((row) => [row.key, row]));
  const keys = new Set(files.map(({ key }) => key));
  const applied = files.flatMap((file) => {
    const row = rowOfKey.get(file.key);
    return row?.state === "done" ? [{ file, row }] : [];
  });
  const pending = files.filter(({ key }) => rowOfKey.get(key)?.state !== "done");
  const unknown = rows.filter(({ key }) => !keys.has(key) && !isIgnored(key, ignore));
  const newestFile = files.at(-1)?.version;
  const isNewer = ({ version }: HistoryRow) => newestFile === undefined || isAfter(version, newestFile);
  const newestRow = rows.filter(({ state }) => state === "done").reduce(newerOf, undefined);
  return {
    pending,
    applied,
    outOfOrder: newestRow ? pending.filter(({ version }) => isAfter(newestRow.version, version)) : [],
    changed: applied.filter(({ file, row }) => file.checksum !== row.checksum),
    missing: unknown.filter((row) => !isNewer(row)),
    newer: unknown.filter(isNewer),
    started: pending.filter(({ key }) => rowOfKey.has(key)).map(({ key }) => key),
    ...(newestRow && { newest: newestRow.key }),
  };
}

/**
 * The pending migrations up to and including `target`, all of them without one.
 *
 * @throws UsageError where no file has this key
 */
export function pendingUntil(
  files: readonly MigrationFile[],
  pending: readonly MigrationFile[],
  target: string | undefined,
): readonly MigrationFile[] {
  if (target === undefined) return pending;
  const last = fileOf(files, target, "--target");
  return pending.filter(({ version }) => !isAfter(version, last.version));
}

/**
 * The file with this key, which `subject` was given.
 *
 * @throws UsageError where no file has it
 */
export function fileOf(files: readonly MigrationFile[], key: string, subject: string): MigrationFile {
  const file = files.find((candidate) => candidate.key === key);
  if (!file) throw new UsageError(`${subject}: there is no migration ${key}; the newest is ${files.at(-1)?.key}`);
  return file;
}

function isAfter(left: Version, right: Version): boolean {
  return compareVersions(left, right) > 0;
}

function newerOf(newest: HistoryRow | undefined, row: HistoryRow): HistoryRow {
  return newest && isAfter(newest.version, row.version) ? newest : row;
}
