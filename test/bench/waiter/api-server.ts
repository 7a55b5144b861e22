import { readFileSync } from "node:fs";
import { execa } from "execa";
import { repositoryRoot } from "../../../tools/images/catalogue.ts";

/** What a process has used up to now, as /proc tells it. */
export interface ProcessUsage {
  /** User and system time, in steps of 10 ms. */
  readonly cpuMs: number;
  readonly rssMib: number;
}

/** USER_HZ, which is 100 on every platform that Node.js runs on. */
const msPerTick = 10;

/** @throws where the local cluster's API server does not run */
export async function serverProcess(): Promise<number> {
  const pid = /^kube-apiserver +runs, pid (\d+)$/m.exec(await clusterStatus())?.[1];
  if (pid === undefined) throw new Error("the local cluster has no running API server");
  return Number(pid);
}

/** One line with the versions of the cluster's parts. */
export async function clusterVersions(): Promise<string> {
  const versions = [...(await clusterStatus()).matchAll(/^(Kubernetes|containerd) +(\S+)$/gm)];
  return versions.map(([, name, version]) => `${name} ${version}`).join(", ");
}

async function clusterStatus(): Promise<string> {
  const { stdout } = await execa("sh", ["test/cluster/cluster.sh", "status"], {
    stderr: "inherit",
    cwd: repositoryRoot,
  });
  return stdout;
}

export function readUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  const rssKib = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return { cpuMs: (userTicks + systemTicks) * msPerTick, rssMib: rssKib / 1024 };
}
