import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What somebody who has taken over a container finds in it. */
export interface Inspection {
  /** Directories that hold a Kubernetes token, each with the account that it speaks for. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Names of environment variables that hold a URL with a password, each with its user. */
  readonly databaseUsers: Readonly<Record<string, string>>;
  readonly uid: number;
  readonly gid: number;
  /** Hexadecimal, as /proc shows them. */
  readonly capabilities: string;
  readonly noNewPrivileges: boolean;
  readonly seccompFilter: boolean;
  /** Those of the mounted directories, and of /, in which something can be created. */
  readonly writable: readonly string[];
}

const largestToken = 16 * 1024;
const tokens: Record<string, string> = {};
const mounts = readFileSync("/proc/mounts", "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(" ")[1] ?? "");
const hosts = /^\/(proc|sys|dev)(\/|$)/;

function findTokens(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (hosts.test(path) || !isReadable(path)) continue;
    if (entry.isDirectory()) findTokens(path);
    else if (entry.isFile() && statSync(path).size <= largestToken) {
      const [, claims] = /^eyJ[\w-]+\.([\w-]+)\.[\w-]+$/.exec(readFileSync(path, "utf8").trim()) ?? [];
      // A projected volume keeps its files in `..TIME`, and /var/run is a link to /run in most images.
      const volume = path.replace(/\/\.\..*/, "").replace(/^\/var\/run\//, "/run/");
      if (claims) tokens[volume] = JSON.parse(Buffer.from(claims, "base64url").toString()).sub;
    }
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function isWritable(directory: string): boolean {
  const path = join(directory, "intruder");
  try {
    mkdirSync(path);
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

const status = (field: string) =>
  new RegExp(`^${field}:\\s+(.*)$`, "m").exec(readFileSync("/proc/1/status", "utf8"))?.[1] ?? "";
const urls = Object.entries(process.env).flatMap(([name, value = ""]) => {
  const user = /:\/\/([^:@]+):[^@]+@/.exec(value)?.[1];
  return user ? [[name, user]] : [];
});

findTokens("/");
const inspection: Inspection = {
  tokens,
  databaseUsers: Object.fromEntries(urls),
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  capabilities: status("CapBnd"),
  noNewPrivileges: status("NoNewPrivs") === "1",
  seccompFilter: status("Seccomp") === "2",
  writable: [...new Set(["/", ...mounts])].filter((mount) => !hosts.test(mount)).filter(isWritable),
};
console.log(JSON.stringify(inspection));
