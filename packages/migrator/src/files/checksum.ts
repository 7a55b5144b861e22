import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { FilesChecksumError } from "../errors.ts";
import type { FileSettings } from "../settings.ts";
import { type MigrationFile, readMigrationFiles } from "./migration-files.ts";

/**
 * Lists the migrations of the folder, as `readMigrationFiles` does, and makes sure that they are the ones that were
 * announced by `--checksum`.
 *
 * A file that changes later is noticed when it is opened.
 *
 * @throws MigrationFilesError, FilesChecksumError
 */
export function readAnnouncedFiles({ directory, ignore, checksum }: Omit<FileSettings, "json">): MigrationFile[] {
  const files = readMigrationFiles(directory, ignore);
  if (checksum === undefined) return files;
  const found = filesChecksum(directory, files);
  if (found !== checksum) throw new FilesChecksumError(directory, { expected: checksum, found, files: files.length });
  return files;
}

/**
 * The checksum of the migrations of a folder, byte by byte, as a shell computes it:
 *
 *     sha256sum *.sql | LC_ALL=C sort | sha256sum
 *
 * Down files and others that are not applied do not count.
 */
export function filesChecksum(directory: string, files: readonly Pick<MigrationFile, "path">[]): string {
  const buffer = Buffer.allocUnsafe(128 * 1024);
  const lines = files.map(({ path }) => Buffer.from(`${digestOf(join(directory, path), buffer)}  ${path}\n`));
  return createHash("sha256")
    .update(Buffer.concat(lines.sort(Buffer.compare)))
    .digest("hex");
}

function digestOf(location: string, buffer: Buffer): string {
  const hash = createHash("sha256");
  const descriptor = openSync(location, "r");
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}
