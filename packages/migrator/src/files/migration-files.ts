import { closeSync, type Dirent, openSync, readdirSync, statSync } from "node:fs";
import { matchesGlob } from "node:path/posix";
import { type FileProblem, MigrationFilesError } from "../errors.ts";
import { compareVersions, matchFileName, type Version } from "./file-name.ts";
import { openSource, type ScriptSource } from "./script-source.ts";
import { measure, readPieces, UnreadableTextError } from "./source-pieces.ts";

/** One migration as it stands in the folder: ordered by `version`, not yet parsed; its text is read when it is needed. */
export interface MigrationFile {
  /** Its name in the history: the folder's name, or the file's without its suffix. */
  readonly key: string;
  /** Relative to the migrations folder, for messages. */
  readonly path: string;
  readonly version: Version;
  /** In bytes. */
  readonly size: number;
  readonly checksum: string;
  /** Opens its text; throws FileChangedError where it is not what was listed any more. */
  readonly open: () => ScriptSource;
}

/**
 * Lists the migrations of a folder, in the order in which they are applied. Each is read once, for its checksum.
 *
 * Synchronously: nothing else goes on yet, and hundreds of small files take a tenth of the time.
 *
 * All that is wrong with names and encodings is reported at once. `ignore` are globs on relative paths and keys.
 *
 * @throws MigrationFilesError
 */
export function readMigrationFiles(directory: string, ignore: readonly string[] = []): MigrationFile[] {
  const problems: FileProblem[] = [];
  const files: MigrationFile[] = [];
  const buffer = Buffer.allocUnsafe(bufferBytes);
  for (const path of listFiles(directory)) {
    if (isIgnored(path, ignore)) continue;
    const match = matchFileName(path);
    if (match.kind === "refused") problems.push({ file: path, message: match.reason });
    if (match.kind !== "migration" || isIgnored(match.key, ignore)) continue;
    try {
      const location = below(directory, path);
      const measured = { path, ...measureFile(location, buffer) };
      files.push({ key: match.key, version: match.version, ...measured, open: () => openSource(location, measured) });
    } catch (error) {
      if (!(error instanceof UnreadableTextError)) throw unreadable(directory, path, error);
      problems.push({ file: path, line: error.line, message: error.message });
    }
  }
  files.sort((left, right) => compareVersions(left.version, right.version));
  problems.push(...orderProblems(files));
  if (problems.length > 0) throw new MigrationFilesError(directory, problems);
  if (files.length === 0) throw new MigrationFilesError(directory, [{ message: noMigrations }]);
  return files;
}

const bufferBytes = 128 * 1024;

function measureFile(location: string, buffer: Buffer): Pick<MigrationFile, "size" | "checksum"> {
  const descriptor = openSync(location, "r");
  try {
    return measure(readPieces(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

const noMigrations =
  "there is no migration in this folder, which nearly always means a wrong path: set --dir or MIGRATOR_DIR, or check that the image contains the files";

/** True where one of the globs of `--ignore` names this path or key. */
export function isIgnored(pathOrKey: string, ignore: readonly string[]): boolean {
  return ignore.some((glob) => matchesGlob(pathOrKey, glob));
}

function listFiles(root: string, folder = ""): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(below(root, folder), { withFileTypes: true });
  } catch (error) {
    throw unreadable(root, folder, error);
  }
  const files: string[] = [];
  for (const entry of entries) {
    // A mounted ConfigMap keeps its real files in `..data`, a repository keeps its own in `.git`.
    if (entry.name.startsWith(".")) continue;
    const path = below(folder, entry.name);
    const isDirectory = entry.isSymbolicLink() ? isLinkToDirectory(root, path) : entry.isDirectory();
    if (isDirectory) files.push(...listFiles(root, path));
    else files.push(path);
  }
  return files.sort();
}

/** Not `join`, which goes through every character of every path. */
function below(folder: string, path: string): string {
  return folder === "" || path === "" ? folder || path : `${folder}/${path}`;
}

function isLinkToDirectory(root: string, path: string): boolean {
  try {
    return statSync(below(root, path)).isDirectory();
  } catch (error) {
    throw unreadable(root, path, error);
  }
}

function unreadable(root: string, path: string, cause: unknown): MigrationFilesError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const hint = code === "ENOENT" && path === "" ? "; set --dir or MIGRATOR_DIR" : "";
  return new MigrationFilesError(root, [{ ...(path && { file: path }), message: `cannot be read (${code})${hint}` }]);
}

function orderProblems(files: readonly MigrationFile[]): FileProblem[] {
  const problems: FileProblem[] = [];
  const kinds = new Set(files.map((file) => file.version.kind));
  if (kinds.size > 1) {
    problems.push({ message: "folders with migration.sql and numbered files have no common order: use one layout" });
  }
  for (const [index, file] of files.entries()) {
    const previous = files[index - 1];
    if (previous && compareVersions(previous.version, file.version) === 0) {
      problems.push({ file: file.path, message: `has the same version as ${previous.path}` });
    }
  }
  return problems;
}
