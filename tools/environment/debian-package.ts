import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** A command that no registry of packages has for us. */
export interface DebianCommand {
  readonly command: string;
  /** Of Debian and Ubuntu. */
  readonly package: string;
  /** What else would do, for the message: "start Docker". */
  readonly otherwise?: string;
}

/**
 * The path of a command. Where it is missing, its package is installed, by root on Debian and Ubuntu.
 *
 * @throws elsewhere, and where apt fails, with what a person can do
 */
export async function provideCommand(wanted: DebianCommand, log: (line: string) => void = () => {}): Promise<string> {
  const present = findCommand(wanted.command);
  if (present !== undefined) return present;
  const reason = isInstallable() ? await install(wanted.package, log) : "only root on Debian or Ubuntu may install it";
  const installed = findCommand(wanted.command);
  if (installed !== undefined) return installed;
  const advice = [wanted.otherwise, `install the package ${wanted.package} (Debian, Ubuntu: apt-get install)`];
  throw new Error(`${wanted.command} is missing: ${advice.filter(Boolean).join(", or ")}\n${reason}`);
}

/** The folders for administrators' commands are not on everyone's path. */
function findCommand(command: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}

function isInstallable(): boolean {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return process.getuid?.() === 0 && /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

async function install(name: string, log: (line: string) => void): Promise<string> {
  log(`installing ${name} (apt) …`);
  const results = [await apt("update"), await apt("install", "--yes", "--no-install-recommends", name)];
  return results.join("\n");
}

/**
 * Runs apt-get and returns what it said, also where it failed. Waits for others of ours that install, and for another
 * apt, as at the start of a machine; asks no question, and starts no service that a package brings.
 */
export async function apt(...args: string[]): Promise<string> {
  const command = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=300", ...args];
  const { all } = await execa("flock", ["/tmp/migration-gate-apt.lock", ...command], {
    env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    all: true,
    reject: false,
    timeout: 15 * 60_000,
  });
  return all;
}
