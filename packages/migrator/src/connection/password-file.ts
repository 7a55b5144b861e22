import { existsSync, statSync } from "node:fs";
import { readSettingsFile, SettingsFileError } from "./settings-file.ts";

export interface PasswordOwner {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * The password of the first line that matches, in the format of libpq's password file.
 *
 * @see https://www.postgresql.org/docs/18/libpq-pgpass.html
 */
export function findPassword(content: string, { host, port, database, user }: PasswordOwner): string | undefined {
  // A directory of sockets goes by this name there.
  const hosts = host.startsWith("/") ? [host, "localhost"] : [host];
  for (const line of content.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = splitFields(line);
    if (fields.length < 5) continue;
    const wanted = [hosts, [String(port)], [database], [user]];
    if (
      wanted.every(
        (values, index) => fields[index] === "*" || values.some((value) => value === unescapeField(fields[index])),
      )
    )
      return unescapeField(fields[4]);
  }
  return undefined;
}

/**
 * Reads `PGPASSFILE`, or `~/.pgpass` where there is one.
 *
 * @throws SettingsFileError where it cannot be read or is empty, or where others than its owner may read the file: libpq
 * then acts as if it were not there
 */
export function passwordFromFile(
  file: string | undefined,
  home: string | undefined,
  owner: PasswordOwner,
): string | undefined {
  const path = file ?? (home && `${home}/.pgpass`);
  if (!path) return undefined;
  if (file === undefined && !existsSync(path)) return undefined;
  const content = readSettingsFile("password file", path);
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new SettingsFileError(
      `password file ${path} may be read by its group or by everybody, and libpq would ignore it: ` +
        "take these rights away (mode 0600), or use PGPASSWORD_FILE",
    );
  }
  return findPassword(content, owner);
}

/** At colons without a backslash before them; the password is the rest of the line up to the next one. */
function splitFields(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|:)((?:\\.|[^:\\]|\\$)*)/g)].map(([, field = ""]) => field);
}

function unescapeField(field = ""): string {
  return field.replaceAll(/\\(.)/g, "$1");
}
