import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { onTestFinished, type TestContext } from "vitest";

/** Another node, as far as the network goes: what runs there reaches this machine by one link. */
export interface NetworkNode {
  /** This machine's address, as seen from there; nobody else can reach it. */
  readonly hostAddress: string;
  /** Runs a command there: to be put before it. */
  readonly launcher: readonly string[];
  /** Takes the link away, so that both ends lose every packet, and no end of a connection is ever seen. */
  lose(): void;
}

const prefix = "migration-gate-";

/**
 * Starts a node for one test: a network namespace with a pair of interfaces. Its name carries the process id of the test
 * run, so that what a killed run has left is removed by the next one.
 *
 * Where there can be none the test is skipped and says why; in CI (`CI` is set) it fails.
 */
export function startNetworkNode({ skip }: Pick<TestContext, "skip">): NetworkNode {
  const obstacle = whatIsMissing();
  if (obstacle !== undefined && process.env["CI"]) throw new Error(obstacle);
  if (obstacle !== undefined) skip(obstacle);
  removeStaleNodes();
  const name = `${prefix}${process.pid}`;
  const [here, there] = [`mg${process.pid}h`, `mg${process.pid}n`];
  const [hostAddress, nodeAddress] = addresses(process.pid);
  onTestFinished(() => removeNode(name));
  ip("netns", "add", name);
  ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", name);
  ip("address", "add", `${hostAddress}/30`, "dev", here);
  ip("link", "set", here, "up");
  ip("-netns", name, "address", "add", `${nodeAddress}/30`, "dev", there);
  ip("-netns", name, "link", "set", there, "up");
  return {
    hostAddress,
    launcher: ["nsenter", `--net=${namespaceFile(name)}`],
    lose: () => ip("-netns", name, "link", "set", there, "down"),
  };
}

/** Two of the four addresses that belong to a process id, from the range for benchmarks (RFC 2544). */
function addresses(pid: number): [string, string] {
  const first = (pid % 2 ** 15) * 4;
  return [address(first + 1), address(first + 2)];
}

function address(offset: number): string {
  return `198.${18 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`;
}

function whatIsMissing(): string | undefined {
  if (process.platform !== "linux") return "a lost node needs network namespaces, which only Linux has";
  if (process.getuid?.() !== 0) return "a lost node needs network namespaces, which only root may make";
  for (const command of ["ip", "nsenter"]) {
    const { error } = spawnSync(command, ["--version"]);
    if (error) return `a lost node needs the command ${command} (packages iproute2 and util-linux)`;
  }
  const trial = `${prefix}trial-${process.pid}`;
  const { status, stderr } = spawnSync("ip", ["netns", "add", trial], { encoding: "utf8" });
  if (status !== 0) return `a lost node needs network namespaces, which cannot be made here: ${stderr.trim()}`;
  ip("netns", "delete", trial);
  return undefined;
}

function removeStaleNodes(): void {
  const names = ip("netns", "list")
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
  for (const name of names) {
    const pid = new RegExp(`^${prefix}(?:trial-)?(\\d+)$`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) removeNode(name);
  }
}

/** Its processes first: the namespace lives as long as one of them. */
function removeNode(name: string): void {
  if (!existsSync(namespaceFile(name))) return;
  for (const pid of ip("netns", "pids", name).split("\n").filter(Boolean)) process.kill(Number(pid), "SIGKILL");
  ip("netns", "delete", name);
}

function namespaceFile(name: string): string {
  return `/run/netns/${name}`;
}

function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8" });
}
