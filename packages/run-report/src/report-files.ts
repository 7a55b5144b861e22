import { constants } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const reportFileName = "report.json";
export const acknowledgementFileName = "acknowledged.json";

const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
/** The other container may have put a link or a pipe there: it is an error then, not a way to another file or to wait for ever. */
const plainFile = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK;

/**
 * Replaces a JSON file by an atomic rename: a reader sees the old document or the new one, never a torn one.
 *
 * @throws the file system's error, also where the temporary file is a link or a pipe
 */
export async function writeJsonFile(directory: string, name: string, value: object): Promise<void> {
  const temporary = join(directory, `.${name}.tmp`);
  await writeFile(temporary, `${JSON.stringify(value)}\n`, { flag: plainFile });
  await rename(temporary, join(directory, name));
}

/** Reads a file's text, or `undefined` where it does not exist yet. */
export async function readTextFile(directory: string, name: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, name), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
