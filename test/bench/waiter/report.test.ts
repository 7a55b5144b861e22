import { expect, it } from "vitest";
import { spreadOf } from "../../../tools/figures/statistics.ts";
import { drawReport } from "./chart.ts";
import { parseEvent } from "./container-events.ts";
import { parseUsage } from "./footprint.ts";
import { judgeGoals } from "./goals.ts";
import { writeReport } from "./report.ts";
import type { Results } from "./results.ts";

const exactly = (value: number) => spreadOf([value]);

/** Milliseconds and the like of a run in which every goal is just reached. */
const reached = {
  appliedMs: 80,
  coldRunMs: 500 as number | undefined,
  eventToExitMs: 20,
  endToLedgerMs: 150,
  soonerMs: 1500,
  endToApplicationMs: 1000,
  startRequests: 4,
  perMinute: 2,
  waitersPercent: 5,
  refused: 0,
  ownBytes: 290_000,
};

function results(changes: Partial<typeof reached> = {}): Results {
  const values = { ...reached, ...changes };
  const load = (percent: number) => ({ cpuPercent: exactly(percent), rssMib: 500 });
  const footprint = {
    cpuMs: exactly(60),
    peakMib: exactly(14),
    smallestLimitMib: 16,
    slowCpu: { limit: "50m", runMs: 900 },
  };
  const detection = (own: boolean) => ({
    name: own ? "waiter" : "kubectl wait",
    eventToExitMs: exactly(values.eventToExitMs),
    exitToApplicationMs: exactly(700),
    endToApplicationMs: exactly(own ? values.endToApplicationMs : 4000),
    laterThanFirstMs: exactly(own ? 0 : values.soonerMs),
  });
  const asked = {
    applied: ["GET /api/v1/namespaces/x/configmaps"],
    connectionsAtStart: 2,
    connectionsPerMinute: 0,
    observedSeconds: 120,
  };
  return {
    applied: [
      { name: "true", runMs: exactly(2) },
      { name: "waiter", runMs: exactly(values.appliedMs) },
      { name: "kubectl wait", runMs: exactly(170) },
    ],
    footprints: [
      {
        ...footprint,
        name: "waiter",
        cold: [{ limit: "32 MiB", runMs: values.coldRunMs }],
      },
    ],
    detection: {
      endToLedgerMs: exactly(values.endToLedgerMs),
      endToCompleteMs: exactly(2600),
      waiters: [detection(true), detection(false)],
    },
    requests: [
      {
        ...asked,
        name: "waiter",
        start: Array(values.startRequests).fill("WATCH /apis/batch/v1/namespaces/x/jobs"),
        requestsPerMinute: values.perMinute,
      },
    ],
    scale: {
      idle: load(5),
      crowds: [
        {
          kind: "watch",
          size: 1000,
          steady: load(values.waitersPercent),
          changing: load(9),
          requestsPerSecond: 1,
          refused: values.refused,
          failed: 0,
        },
      ],
    },
    sizes: { waiterBytes: 45e6, ownBytes: values.ownBytes, kubectlBytes: 16e6 },
    circumstances: { command: "npm run bench -- waiter", date: "2026-01-01", machine: "a machine", cluster: "v1" },
  };
}

it("calls every goal reached that is", () => {
  expect(judgeGoals(results()).filter((goal) => !goal.reached)).toEqual([]);
});

it.each([
  { what: "slow where the migration is applied", change: { appliedMs: 81 }, goal: /at most 80 ms/ },
  { what: "starved of memory", change: { coldRunMs: undefined }, goal: /32 MiB limit/ },
  { what: "late to exit", change: { eventToExitMs: 21 }, goal: /event to exit/ },
  { what: "late in the ledger", change: { endToLedgerMs: 151 }, goal: /migration's end to ledger/ },
  { what: "hardly sooner than kubectl", change: { soonerMs: 1499 }, goal: /1.5 s sooner/ },
  { what: "late with the application", change: { endToApplicationMs: 1001 }, goal: /at most 1.0 s/ },
  { what: "curious", change: { startRequests: 5 }, goal: /4 requests to begin with/ },
  { what: "chatty", change: { perMinute: 3 }, goal: /2 requests a minute/ },
  { what: "a burden to the API server", change: { waitersPercent: 6 }, goal: /idle noise/ },
  { what: "refused", change: { refused: 1 }, goal: /no 429/ },
  { what: "large", change: { ownBytes: 300_000 }, goal: /0.3 MB/ },
])("says which goal is missed when the waiter is $what", ({ change, goal }) => {
  const missed = judgeGoals(results(change)).filter((each) => !each.reached);

  expect(missed.map(({ name }) => name)).toEqual([expect.stringMatching(goal)]);
});

it("writes a page with what was measured, and only that", () => {
  const { circumstances, applied } = results();
  const page = writeReport({ circumstances, ...(applied && { applied }) });

  expect(page).toContain("| **waiter** | 80 | 80 | 78 |");
  expect(page).not.toContain("## Many at once");
});

it("draws one bar for each program in each part", () => {
  expect(drawReport(results()).match(/<rect [^>]*rx="2"/g)).toHaveLength(3 + 2 + 2 + 1 + 2);
});

it("takes the end of a container from containerd, to the microsecond, and not that of a probe in it", () => {
  const line = (json: object) =>
    `2026-01-02 03:04:05.000123456 +0000 UTC k8s.io /tasks/exit ${JSON.stringify({ container_id: "a", ...json })}`;

  expect(parseEvent(line({ id: "a", exited_at: "2026-01-02T03:04:04.9995Z" }))).toEqual({
    topic: "exit",
    containerId: "a",
    atMs: Date.UTC(2026, 0, 2, 3, 4, 4) + 999.5,
  });
  expect(parseEvent(line({ id: "b" }))).toBeUndefined();
});

it.each([
  { version: 1, message: "16777216\n61000000\n" },
  { version: 2, message: "16777216\nusage_usec 61000\nuser_usec 1\n" },
])("reads what cgroup version $version has counted", ({ message }) => {
  expect(parseUsage(message)).toEqual({ peakMib: 16, cpuMs: 61 });
});

it("takes no figure where the cgroup tells none", () => {
  expect(() => parseUsage("")).toThrow("tells no usage");
});
