import { setTimeout as sleep } from "node:timers/promises";
import type { V1Job, V1Pod } from "@kubernetes/client-node";
import type { ApiObject, NamedObject } from "../../../packages/waiter/src/api/named-object.ts";
import { watchObject } from "../../../packages/waiter/src/api/watch-object.ts";
import { readLedger } from "../../../packages/waiter/src/ledger/ledger.ts";
import { until } from "../../../tools/environment/until.ts";
import { roundRobin, type Spread, spreadOf } from "../../../tools/figures/statistics.ts";
import type { WaiterBench } from "./bench.ts";
import { contestants, type Target } from "./contestants.ts";
import { type RenderedGate, renderGate } from "./gate.ts";
import { container, pod, runPods, succeededStatus } from "./pods.ts";

/** How soon the end of a migration is known, in milliseconds. */
export interface DetectionFigures {
  /** From the end of the container `migrate` to the event with the ledger's entry. */
  readonly endToLedgerMs: Spread;
  /** From there to the event with the Job's condition. */
  readonly endToCompleteMs: Spread;
  readonly waiters: readonly WaiterDetection[];
}

export interface WaiterDetection {
  readonly name: string;
  /** From the first event that it could know by to its process's end. */
  readonly eventToExitMs: Spread;
  readonly exitToApplicationMs: Spread;
  readonly endToApplicationMs: Spread;
  /** How much later its application starts than that of the first contestant in the same round. */
  readonly laterThanFirstMs: Spread;
}

interface Round {
  readonly endMs: number;
  readonly events: SeenEvents;
  readonly waiters: ReadonlyMap<string, { readonly exitMs: number; readonly applicationMs: number }>;
}

interface SeenEvents {
  readonly ledgerMs: number;
  readonly completeMs: number;
}

/** Lets a pod of each contestant wait for the same Job, again and again; returns the last one, which has succeeded. */
export async function measureDetection(
  bench: WaiterBench,
  rounds: number,
): Promise<{ readonly figures: DetectionFigures; readonly target: Target }> {
  // The first run has something to apply. After it each run finds nothing to do.
  let gate = await renderGate(bench, "first");
  await measureRound(bench, gate, 0);
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    bench.signal.throwIfAborted();
    await bench.remove("/apis/batch/v1", `jobs/${gate.target.job}`);
    gate = await renderGate(bench, `round ${round}`);
    measured.push(await measureRound(bench, gate, round));
  }
  return { figures: summarizeRounds(measured), target: gate.target };
}

async function measureRound(bench: WaiterBench, { target, job, others }: RenderedGate, round: number): Promise<Round> {
  const image = bench.images.contestants;
  await bench.namespace.apply(...others);
  const pods = roundRobin(contestants, round).map(({ id, command }) =>
    pod(`waiting-${id}`, [container(id, image, command(target))], [container("application", image, ["/bin/true"])]),
  );
  const ended = await withEvents(bench, target, async (events) => {
    const finished = await runPods(bench, pods, async () => {
      await until("all pods to wait", () => allRun(bench, pods), { intervalMs: 300, signal: bench.signal });
      // Long enough for every program to have begun to wait, and at another moment of the polls' two seconds each time.
      await sleep(2_000 + Math.random() * 2_000);
      await bench.create("/apis/batch/v1", "jobs", job);
    });
    return { finished, events: await events() };
  });
  const jobPods = await bench.read<{ items: V1Pod[] }>(
    "/api/v1",
    `pods?labelSelector=batch.kubernetes.io/job-name=${target.job}`,
  );
  const migrated = jobPods.items.find(({ status }) => status?.phase === "Succeeded");
  if (!migrated) throw new Error(`no pod of Job ${target.job} has succeeded`);
  const waiters = new Map<string, { exitMs: number; applicationMs: number }>();
  for (const { name, id } of contestants) {
    const own = ended.finished.find(({ metadata }) => metadata?.name === `waiting-${id}`);
    if (!own) throw new Error(`the pod of ${name} is missing`);
    const exitMs = await bench.containers.exited(succeededStatus(own, id).containerID);
    const applicationMs = await bench.containers.started(succeededStatus(own, "application").containerID);
    waiters.set(name, { exitMs, applicationMs });
  }
  const endMs = await bench.containers.exited(succeededStatus(migrated, "migrate").containerID);
  return { endMs, events: ended.events, waiters };
}

async function allRun(bench: WaiterBench, pods: readonly V1Pod[]): Promise<boolean> {
  const states = await Promise.all(pods.map(({ metadata }) => bench.read<V1Pod>("/api/v1", `pods/${metadata?.name}`)));
  return states.every(({ status }) => status?.initContainerStatuses?.[0]?.state?.running !== undefined);
}

/** Watches ledger and Job while `work` runs; what it is given waits for both to have spoken. */
async function withEvents<T>(
  { api, namespace, signal }: WaiterBench,
  { job, ledger, identity }: Target,
  work: (events: () => Promise<SeenEvents>) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const scope = AbortSignal.any([signal, end.signal]);
  const seen: { ledgerMs?: number; completeMs?: number } = {};
  const follow = async (object: Pick<NamedObject, "resource" | "name">, observed: (found: ApiObject) => void) => {
    const listener = {
      observed: (found: ApiObject | undefined) => found && observed(found),
      troubled: () => {},
    };
    await watchObject(api, { namespace: namespace.name, ...object }, listener, scope).catch((error: unknown) => {
      if (!scope.aborted) throw error;
    });
  };
  const watches = [
    follow({ resource: "configmaps", name: ledger }, (found) => {
      if (readLedger(found).entries.has(identity)) seen.ledgerMs ??= preciseNow();
    }),
    follow({ resource: "jobs", name: job }, (found) => {
      if (isComplete(found as V1Job)) seen.completeMs ??= preciseNow();
    }),
  ];
  const events = () =>
    until("the events of ledger and Job", async () => {
      const { ledgerMs, completeMs } = seen;
      return ledgerMs !== undefined && completeMs !== undefined && { ledgerMs, completeMs };
    });
  try {
    return await Promise.race([work(events), Promise.all(watches).then(() => Promise.reject(scope.reason))]);
  } finally {
    end.abort();
    await Promise.allSettled(watches);
  }
}

function isComplete({ status }: V1Job): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Complete" && value === "True") ?? false;
}

/** The wall clock with fractions of a millisecond, to be compared with containerd's. */
function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

function summarizeRounds(rounds: readonly Round[]): DetectionFigures {
  const over = (measure: (round: Round) => number) => spreadOf(rounds.map(measure));
  const [first] = contestants;
  return {
    endToLedgerMs: over(({ endMs, events }) => events.ledgerMs - endMs),
    endToCompleteMs: over(({ endMs, events }) => events.completeMs - endMs),
    waiters: contestants.map(({ name, id }) => {
      const own = ({ waiters }: Round) => waiters.get(name) ?? { exitMs: Number.NaN, applicationMs: Number.NaN };
      const firstOf = ({ waiters }: Round) => waiters.get(first?.name ?? "")?.applicationMs ?? Number.NaN;
      // Only the waiter reads the ledger.
      const event = ({ events }: Round) =>
        id === "waiter" ? Math.min(events.ledgerMs, events.completeMs) : events.completeMs;
      return {
        name,
        eventToExitMs: over((round) => own(round).exitMs - event(round)),
        exitToApplicationMs: over((round) => own(round).applicationMs - own(round).exitMs),
        endToApplicationMs: over((round) => own(round).applicationMs - round.endMs),
        laterThanFirstMs: over((round) => own(round).applicationMs - firstOf(round)),
      };
    }),
  };
}
