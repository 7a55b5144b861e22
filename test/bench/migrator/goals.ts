import type { Goal } from "../goal.ts";
import { type Cell, type Figures, measuredIn, type Results } from "./results.ts";

const limits = {
  slowerThanFastestPeer: 1.1,
  fasterThanFastestPeer: 1.3,
  roundTripsBesideMigrations: 20,
  nothingToDoMs: 90,
  nothingToDoRoundTrips: 5,
  applyingMib: 80,
  nothingToDoMib: 65,
} as const;

/** Judges every goal that the measurements can speak about. References that keep no history are no peers. */
export function judgeGoals(results: Results, own: string): Goal[] {
  const timed = results.sets.filter(({ measures }) => measures === "time");
  return [
    ...timed.flatMap(({ name }) => judgeSpeed(results, own, name)),
    ...timed.flatMap(({ name, migrations }) => judgeRoundTrips(results, own, name, migrations)),
    ...timed.flatMap(({ name }) => judgeNothingToDo(results, own, name)),
    ...judgeMemory(results, own),
  ];
}

function judgeSpeed(results: Results, own: string, set: string): Goal[] {
  return [0, 2].flatMap((rttMs) => {
    const { ours, peers } = contest(results, own, set, { scenario: "from empty", rttMs });
    const fastest = peers[0];
    if (!ours || !fastest) return [];
    const ratio = fastest.figures.wallMs.median / ours.wallMs.median;
    const found = `${milliseconds(ours)}; the fastest peer, ${fastest.tool}, ${milliseconds(fastest.figures)}`;
    return rttMs === 0
      ? {
          name: `${set}, no delay: at most 10 % slower than the fastest peer`,
          reached: 1 / ratio <= limits.slowerThanFastestPeer,
          found,
        }
      : {
          name: `${set}, ${rttMs} ms: at least 1.3 × as fast as the fastest peer`,
          reached: ratio >= limits.fasterThanFastestPeer,
          found,
        };
  });
}

function judgeRoundTrips(results: Results, own: string, set: string, migrations: number): Goal[] {
  const roundTrips = contest(results, own, set, { scenario: "from empty", rttMs: 2 }).ours?.roundTrips;
  if (roundTrips === undefined) return [];
  return [
    {
      name: `${set}: one round trip a migration, and at most ${limits.roundTripsBesideMigrations} more`,
      reached: roundTrips <= migrations + limits.roundTripsBesideMigrations,
      found: `${roundTrips} for ${migrations}`,
    },
  ];
}

function judgeNothingToDo(results: Results, own: string, set: string): Goal[] {
  const direct = contest(results, own, set, { scenario: "nothing to do", rttMs: 0 });
  const roundTrips = contest(results, own, set, { scenario: "nothing to do", rttMs: 2 }).ours?.roundTrips;
  if (!direct.ours) return [];
  const ourMs = direct.ours.wallMs.median;
  const managed = direct.peers.filter(({ tool }) => platformOf(results, tool) !== "native code");
  const notSlower = managed.filter(({ figures }) => figures.wallMs.median <= ourMs);
  const native = direct.peers.filter(
    ({ tool, figures }) => !managed.some((peer) => peer.tool === tool) && figures.wallMs.median < ourMs,
  );
  return [
    {
      name: `${set}, nothing to do: at most ${limits.nothingToDoMs} ms`,
      reached: ourMs <= limits.nothingToDoMs,
      found: `${milliseconds(direct.ours)}${native.length > 0 ? `; native binaries start faster: ${native.map(({ tool, figures }) => `${tool} ${milliseconds(figures)}`).join(", ")}` : ""}`,
    },
    ...(roundTrips === undefined
      ? []
      : [
          {
            name: `${set}, nothing to do: at most ${limits.nothingToDoRoundTrips} round trips`,
            reached: roundTrips <= limits.nothingToDoRoundTrips,
            found: String(roundTrips),
          },
        ]),
    ...(managed.length === 0
      ? []
      : [
          {
            name: `${set}, nothing to do: faster than every tool on Node.js and the JVM`,
            reached: notSlower.length === 0,
            found: managed.map(({ tool, figures }) => `${tool} ${milliseconds(figures)}`).join(", "),
          },
        ]),
  ];
}

/** The one large file is there to be looked at: no limit is set for it. */
function judgeMemory(results: Results, own: string): Goal[] {
  const sets = results.sets.filter(({ migrations }) => migrations > 1).map(({ name }) => name);
  return (["from empty", "nothing to do"] as const).flatMap((scenario) => {
    const peaks = sets.flatMap((set) => {
      const ours = contest(results, own, set, { scenario, rttMs: 0 }).ours;
      return ours ? [{ set, peakMib: ours.peakRssMib.maximum }] : [];
    });
    if (peaks.length === 0) return [];
    const limit = scenario === "from empty" ? limits.applyingMib : limits.nothingToDoMib;
    return {
      name: `peak memory ${scenario}: at most ${limit} MiB`,
      reached: peaks.every(({ peakMib }) => peakMib <= limit),
      found: peaks.map(({ set, peakMib }) => `${set}: ${Math.round(peakMib)} MiB`).join("; "),
    };
  });
}

/** Peers come fastest first. */
function contest(results: Results, own: string, set: string, cell: Cell) {
  const measured = measuredIn(results, set, cell);
  const peers = measured
    .filter(({ tool }) => tool !== own && results.tools.find(({ name }) => name === tool)?.keepsHistory)
    .toSorted((left, right) => left.figures.wallMs.median - right.figures.wallMs.median);
  return { ours: measured.find(({ tool }) => tool === own)?.figures, peers };
}

function platformOf({ tools }: Results, tool: string) {
  return tools.find(({ name }) => name === tool)?.platform;
}

function milliseconds({ wallMs }: Figures): string {
  return `${Math.round(wallMs.median)} ms`;
}
