import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";

/** The first process of a container of the local cluster, as this machine, which is the cluster's node, sees it. */
export interface ContainerProcess {
  readonly pid: number;
  /** As the kernel, or somebody on the node, kills it: without a word, and without the API server's knowledge. */
  readonly kill: () => void;
  /** Fills the container's memory until the kernel kills it for that. */
  readonly exhaustMemory: () => Promise<void>;
  /** Takes the link of its pod away, so that no packet comes or goes and no connection is seen to end. */
  readonly cutNetwork: () => Promise<void>;
}

/** @throws where the container does not run. */
export async function containerProcess(
  namespace: Namespace,
  pod: string,
  container: string,
): Promise<ContainerProcess> {
  const { status } = await namespace.get<V1Pod>("pod", pod);
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const id = statuses.find(({ name }) => name === container)?.containerID?.replace(/^\w+:\/\//, "");
  const pid = id && (await pidOfContainer(id));
  if (!pid) throw new Error(`container ${container} of pod ${pod} does not run on this machine`);
  return {
    pid,
    kill: () => process.kill(pid, "SIGKILL"),
    exhaustMemory: () => exhaustMemory(pid),
    cutNetwork: async () => {
      await execa("nsenter", [`--net=/proc/${pid}/ns/net`, "ip", "link", "set", "eth0", "down"]);
    },
  };
}

/** The process with the lowest id among those in the container's cgroup. */
async function pidOfContainer(id: string): Promise<number | undefined> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids.sort((left, right) => left - right)) {
    // A process may end between the two reads.
    const cgroups = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    if (cgroups.includes(id)) return pid;
  }
  return undefined;
}

/** Another process in the container's cgroup takes what is left of its memory. */
async function exhaustMemory(pid: number): Promise<void> {
  const fill = `const taken = [];
    const timer = setInterval(() => {
      if (!require("node:fs").existsSync("/proc/${pid}")) clearInterval(timer);
      else taken.push(Buffer.alloc(4 << 20, 1));
    }, 5);`;
  // Else the kernel would kill the larger one, which may be either.
  await writeFile(`/proc/${pid}/oom_score_adj`, "1000");
  const enter = 'echo $$ > "$1/cgroup.procs" && exec "$2" --eval "$3"';
  // It may be the next to be killed, before it sees that the first one has gone.
  const options = { timeout: 60_000, reject: false };
  await execa("sh", ["-c", enter, "sh", await memoryCgroup(pid), process.execPath, fill], options);
  await until("the kernel kills the container's process", async () => !existsSync(`/proc/${pid}`));
}

async function memoryCgroup(pid: number): Promise<string> {
  const lines = (await readFile(`/proc/${pid}/cgroup`, "utf8")).split("\n");
  const v1 = lines.find((line) => line.split(":")[1] === "memory");
  if (v1) return `/sys/fs/cgroup/memory${v1.split(":")[2]}`;
  return `/sys/fs/cgroup${lines.find((line) => line.startsWith("0::"))?.split(":")[2]}`;
}
