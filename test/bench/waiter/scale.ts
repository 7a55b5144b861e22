import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Summary, summarize } from "../../../tools/figures/statistics.ts";
import { type ProcessUsage, readUsage, serverProcess } from "./api-server.ts";
import type { WaiterBench } from "./bench.ts";
import type { Target } from "./contestants.ts";
import type { CrowdCounts, CrowdOrder } from "./scale-process.ts";

/** What many pods that wait at once cost the API server. */
export interface ScaleFigures {
  /** Without any of them. */
  readonly idle: ServerLoad;
  readonly crowds: readonly CrowdFigures[];
}

export interface ServerLoad {
  /** Of one core, in percent; a sample a window. */
  readonly cpuPercent: Summary;
  readonly rssMib: number;
}

export interface CrowdFigures {
  readonly kind: CrowdOrder["kind"];
  readonly size: number;
  readonly steady: ServerLoad;
  /** With one change of the ledger's status in each window. */
  readonly changing: ServerLoad;
  readonly requestsPerSecond: number;
  /** Answers 429, and all other failures. */
  readonly refused: number;
  readonly failed: number;
}

export interface ScalePlan {
  readonly sizes: readonly number[];
  readonly idle: Windows;
  readonly steady: Windows;
  readonly changing: Windows;
}

export interface Windows {
  readonly windows: number;
  readonly windowMs: number;
}

/** Lets crowds of waiters, and of emulated polls, wait for something that never comes. */
export async function measureScale(bench: WaiterBench, applied: Target, plan: ScalePlan): Promise<ScaleFigures> {
  const target = { ...applied, job: "gate-absent", identity: "0000000000" };
  const server = await serverProcess();
  const idle = await sampleLoad(bench, server, plan.idle);
  const crowds: CrowdFigures[] = [];
  for (const size of plan.sizes) {
    for (const kind of ["watch", "poll"] as const) {
      bench.log(`many at once: ${size} ${kind === "watch" ? "waiters" : "polls"}`);
      crowds.push(await measureCrowd(bench, target, { kind, size }, plan, server));
    }
  }
  return { idle, crowds };
}

async function measureCrowd(
  bench: WaiterBench,
  target: Target,
  { kind, size }: Pick<CrowdFigures, "kind" | "size">,
  plan: ScalePlan,
  server: number,
): Promise<CrowdFigures> {
  const { access, namespace, signal } = bench;
  await using first = await startCrowd({ kind, size: Math.ceil(size / 2), access, namespace: namespace.name, target });
  await using second = await startCrowd({
    kind,
    size: Math.floor(size / 2),
    access,
    namespace: namespace.name,
    target,
  });
  await Promise.all([first.settled, second.settled]);
  // The server goes on working for a moment after everyone is connected.
  await sleep(5_000, undefined, { signal });
  const before = [await first.counts(), await second.counts()];
  const startedAt = performance.now();
  const steady = await sampleLoad(bench, server, plan.steady);
  const changing = await sampleLoad(bench, server, plan.changing, () => touchStatus(bench, target.ledger));
  const seconds = (performance.now() - startedAt) / 1000;
  const after = [await first.counts(), await second.counts()];
  const total = (counts: readonly CrowdCounts[], of: keyof CrowdCounts) =>
    counts.reduce((sum, each) => sum + each[of], 0);
  return {
    kind,
    size,
    steady,
    changing,
    requestsPerSecond: (total(after, "requests") - total(before, "requests")) / seconds,
    refused: total(after, "refused"),
    failed: total(after, "failed"),
  };
}

async function sampleLoad(
  { signal }: WaiterBench,
  pid: number,
  { windows, windowMs }: Windows,
  change?: () => Promise<void>,
): Promise<ServerLoad> {
  const samples: number[] = [];
  let last: ProcessUsage = readUsage(pid);
  for (let index = 0; index < windows; index++) {
    const startedAt = performance.now();
    await change?.();
    await sleep(windowMs - (performance.now() - startedAt), undefined, { signal });
    const usage = readUsage(pid);
    const percent = ((usage.cpuMs - last.cpuMs) / (performance.now() - startedAt)) * 100;
    // The kernel counts in ticks of 10 ms, a quarter of a percent of a window: what is behind a tenth is not measured.
    samples.push(Math.round(percent * 10) / 10);
    last = usage;
  }
  return { cpuPercent: summarize(samples), rssMib: last.rssMib };
}

/** Writes a status as the recorder does, which no gate opens on. */
async function touchStatus({ api, namespace, signal }: WaiterBench, ledger: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace.name}/configmaps/${ledger}`;
  const status = { identity: "ffffffffff", phase: "applying", at: new Date().toISOString() };
  const body = { data: { status: JSON.stringify(status) } };
  await api.request({ method: "PATCH", path, body, contentType: "application/merge-patch+json" }, signal);
}

interface Crowd extends AsyncDisposable {
  /** Resolves once every member has its answers. */
  readonly settled: Promise<void>;
  counts(): Promise<CrowdCounts>;
}

async function startCrowd(order: CrowdOrder): Promise<Crowd> {
  const child = fork(fileURLToPath(new URL("scale-process.ts", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.send(order);
  const settled = answer(child).then(() => {});
  // Whoever waits for it hears of it; until then a crowd that ends is no unhandled rejection.
  settled.catch(() => {});
  return {
    settled,
    counts: async () => {
      child.send("count");
      return (await answer(child)) as CrowdCounts;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function answer(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const onExit = () => ended.abort(new Error("a crowd of waiters has ended"));
  child.once("exit", onExit);
  try {
    const [message] = await once(child, "message", { signal: ended.signal });
    return message;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    child.off("exit", onExit);
  }
}
