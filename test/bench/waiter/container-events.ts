import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { until } from "../../../tools/environment/until.ts";

/** When a container's process began and ended, in milliseconds since the epoch with their fractions. */
export interface ContainerTimes {
  readonly startedMs: number;
  readonly exitedMs: number;
}

/**
 * What containerd tells of its tasks while this is open. The API's times are no substitute: they are whole seconds, and
 * the kubelet writes them up to a second late.
 */
export interface ContainerEvents extends AsyncDisposable {
  /** Waits a few seconds for an event that is still under way. `id` is as a pod's status has it. */
  started(id: string | undefined): Promise<number>;
  exited(id: string | undefined): Promise<number>;
}

/** Where the local cluster's containerd listens (test/cluster/orchestrator/layout.go). */
const socket = "/run/migration-gate-cluster/containerd/containerd.sock";

export async function followContainers(): Promise<ContainerEvents> {
  const started = new Map<string, number>();
  const exited = new Map<string, number>();
  const child = spawn("ctr", ["--address", socket, "--namespace", "k8s.io", "events"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child, "spawn");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = parseEvent(line);
    if (event) (event.topic === "start" ? started : exited).set(event.containerId, event.atMs);
  });
  const find = (events: ReadonlyMap<string, number>, id = "") =>
    until(`containerd's event of ${id}`, async () => events.get(id.replace("containerd://", "")), {
      timeoutMs: 5_000,
      intervalMs: 50,
    });
  return {
    started: (id) => find(started, id),
    exited: (id) => find(exited, id),
    [Symbol.asyncDispose]: () => end(child),
  };
}

interface TaskEvent {
  readonly topic: "start" | "exit";
  readonly containerId: string;
  readonly atMs: number;
}

const eventLine = /^(\S+) (\S+) \+0000 UTC \S+ \/tasks\/(start|exit) (\{.*\})$/;

/** Reads a line of `ctr events`; `undefined` for what is not the start or the end of a container's own process. */
export function parseEvent(line: string): TaskEvent | undefined {
  const [, date = "", time = "", topic, json = ""] = eventLine.exec(line) ?? [];
  if (topic !== "start" && topic !== "exit") return undefined;
  const { container_id: containerId, id = containerId, exited_at: exitedAt } = JSON.parse(json);
  // A process that was executed in the container has an id of its own.
  if (typeof containerId !== "string" || id !== containerId) return undefined;
  return { topic, containerId, atMs: epochMs(typeof exitedAt === "string" ? exitedAt : `${date}T${time}Z`) };
}

/** Keeps the digits below a millisecond, which `Date` drops. */
function epochMs(stamp: string): number {
  const [seconds = "", fraction = ""] = stamp.replace(/Z$/, "").split(".");
  return Date.parse(`${seconds}Z`) + Number(`0.${fraction || "0"}`) * 1000;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}
