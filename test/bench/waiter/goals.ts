import type { Goal } from "../goal.ts";
import type { AppliedFigures } from "./applied.ts";
import { kubectlName, ownName } from "./contestants.ts";
import type { DetectionFigures } from "./detection.ts";
import { type Footprint, type LimitedRun, limitedSeconds } from "./footprint.ts";
import type { ImageSizes } from "./image-sizes.ts";
import type { RequestFigures } from "./requests.ts";
import type { Results } from "./results.ts";
import type { CrowdFigures, ScaleFigures } from "./scale.ts";

const limits = {
  appliedMs: 80,
  appliedShareOfKubectl: 0.5,
  eventToExitMs: 20,
  endToLedgerMs: 150,
  endToApplicationMs: 1_000,
  soonerThanKubectlMs: 1_500,
  startRequests: 4,
  appliedRequests: 1,
  requestsPerMinute: 2,
  crowd: 1_000,
  imageBytes: 46e6,
  ownBytes: 0.3e6,
} as const;

/** Judges every goal that the measured parts can speak about. */
export function judgeGoals({ applied, footprints, detection, requests, scale, sizes }: Results): Goal[] {
  return [
    ...(applied ? judgeApplied(applied) : []),
    ...(footprints ? judgeFootprint(footprints) : []),
    ...(detection ? judgeDetection(detection) : []),
    ...(requests ? judgeRequests(requests) : []),
    ...(scale ? judgeScale(scale) : []),
    ...(sizes ? judgeSizes(sizes) : []),
  ];
}

function judgeApplied(applied: readonly AppliedFigures[]): Goal[] {
  const medianOf = (name: string) => named(applied, name).runMs.median;
  const [ours, theirs] = [medianOf(ownName), medianOf(kubectlName)];
  return [
    goal("applied already: at most half the time of `kubectl wait`", ours <= theirs * limits.appliedShareOfKubectl, {
      found: `${ms(ours)}; kubectl wait ${ms(theirs)}`,
    }),
    goal(`applied already: at most ${limits.appliedMs} ms`, ours <= limits.appliedMs, { found: ms(ours) }),
  ];
}

function judgeFootprint(footprints: readonly Footprint[]): Goal[] {
  const { cold, slowCpu } = named(footprints, ownName);
  return [
    goal(
      "passes with a 32 MiB limit and a cold page cache",
      cold.some(({ limit, runMs }) => limit === "32 MiB" && runMs !== undefined),
      { found: describeRuns(cold) },
    ),
    goal("passes with a twentieth of a processor (50m)", slowCpu.runMs !== undefined, {
      found: describeRuns([slowCpu]),
    }),
  ];
}

function judgeDetection({ endToLedgerMs, waiters }: DetectionFigures): Goal[] {
  const [ours, theirs] = [named(waiters, ownName), named(waiters, kubectlName)];
  const sooner = theirs.laterThanFirstMs.median;
  return [
    goal(`event to exit: 95 of 100 within ${limits.eventToExitMs} ms`, ours.eventToExitMs.p95 <= limits.eventToExitMs, {
      found: `${ms(ours.eventToExitMs.p95)}; kubectl wait ${ms(theirs.eventToExitMs.p95)}`,
    }),
    goal(
      `migration's end to ledger: 95 of 100 within ${limits.endToLedgerMs} ms`,
      endToLedgerMs.p95 <= limits.endToLedgerMs,
      { found: ms(endToLedgerMs.p95) },
    ),
    goal(
      "the application starts at least 1.5 s sooner than with `kubectl wait`",
      sooner >= limits.soonerThanKubectlMs,
      {
        found: `${ms(sooner)} sooner`,
      },
    ),
    goal(
      "the application starts at most 1.0 s after the migration's end",
      ours.endToApplicationMs.median <= limits.endToApplicationMs,
      {
        found: `${ms(ours.endToApplicationMs.median)}; the kubelet takes ${ms(ours.exitToApplicationMs.median)} from the waiter's end to the application's start`,
      },
    ),
  ];
}

function judgeRequests(requests: readonly RequestFigures[]): Goal[] {
  const { start, applied, requestsPerMinute } = named(requests, ownName);
  const foreign = [...start, ...applied].filter((request) => !/\/(configmaps|jobs)$/.test(request));
  return [
    goal(`at most ${limits.startRequests} requests to begin with`, start.length <= limits.startRequests, {
      found: String(start.length),
    }),
    goal("one request where the migration is applied", applied.length <= limits.appliedRequests, {
      found: String(applied.length),
    }),
    goal(
      `at most ${limits.requestsPerMinute} requests a minute afterwards`,
      requestsPerMinute <= limits.requestsPerMinute,
      {
        found: `${requestsPerMinute.toFixed(1)}; both watches are renewed every 4.5 min, which is 0.9 a minute in the long run`,
      },
    ),
    goal("no discovery, no Events", foreign.length === 0, { found: foreign.join(", ") || "none" }),
  ];
}

function judgeScale({ idle, crowds }: ScaleFigures): Goal[] {
  const largest = crowds.find(({ kind, size }) => kind === "watch" && size >= limits.crowd);
  if (!largest) return [];
  const polls = crowds.find(({ kind, size }) => kind === "poll" && size === largest.size);
  return [
    goal(
      "1,000 waiters cost the API server no more than its idle noise",
      largest.steady.cpuPercent.median <= idle.cpuPercent.maximum,
      {
        found: `${percent(largest.steady.cpuPercent.median)}; idle ${percent(idle.cpuPercent.median)}, up to ${percent(idle.cpuPercent.maximum)}${polls ? `; as many polls ${percent(polls.steady.cpuPercent.median)}` : ""}`,
      },
    ),
    goal("1,000 waiters get no 429", largest.refused === 0, { found: describeTrouble(largest) }),
  ];
}

function judgeSizes({ waiterBytes, ownBytes }: ImageSizes): Goal[] {
  return [
    goal("the image has at most 46 MB, compressed", waiterBytes <= limits.imageBytes, {
      found: megabytes(waiterBytes),
    }),
    goal("its own layers have less than 0.3 MB", ownBytes < limits.ownBytes, { found: megabytes(ownBytes) }),
  ];
}

function goal(name: string, reached: boolean, { found }: { readonly found: string }): Goal {
  return { name, reached, found };
}

export function named<T extends { readonly name: string }>(things: readonly T[], name: string): T {
  const found = things.find((thing) => thing.name === name);
  if (!found) throw new Error(`there are no figures of ${name}`);
  return found;
}

export function describeRuns(runs: readonly LimitedRun[]): string {
  const result = (runMs: number | undefined) => (runMs === undefined ? `not within ${limitedSeconds} s` : ms(runMs));
  return runs.map(({ limit, runMs }) => `${limit}: ${result(runMs)}`).join(", ");
}

export function describeTrouble({ refused, failed }: CrowdFigures): string {
  const others = failed === 0 ? "" : `, ${failed} other failures`;
  return `${refused}${others}`;
}

export function ms(value: number): string {
  return Math.abs(value) < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;
}

export function percent(value: number): string {
  return `${value.toFixed(1)} %`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 3 : 1)} MB`;
}
