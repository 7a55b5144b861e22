import { readFileSync } from "node:fs";
import { UsageError } from "../errors.ts";

/**
 * A file that the connection's settings name cannot be used.
 *
 * At the start that is a mistake in the settings: the kubelet mounts a Secret before it starts the container. Later it
 * is a rotation that is going on, and passes.
 */
export class SettingsFileError extends UsageError {}

/** Reads a file that a setting names, without white space at its end; each time anew, because Secrets are rotated. */
export function readSettingsFile(setting: string, path: string): string {
  const text = readAsText(setting, path).trimEnd();
  if (text === "") throw new SettingsFileError(`${setting}: ${path} is empty`);
  if (text.includes("\0")) throw new SettingsFileError(`${setting}: ${path} holds a NUL byte, which is no text`);
  return text;
}

function readAsText(setting: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SettingsFileError(`${setting}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
