import { markdownTable } from "../../../tools/figures/markdown-table.ts";
import type { Summary } from "../../../tools/figures/statistics.ts";
import { goalTable } from "../goal.ts";
import type { AppliedFigures } from "./applied.ts";
import { ownName, reference } from "./contestants.ts";
import type { DetectionFigures } from "./detection.ts";
import { type Footprint, limitedSeconds } from "./footprint.ts";
import { describeRuns, describeTrouble, judgeGoals, megabytes, named } from "./goals.ts";
import type { ImageSizes } from "./image-sizes.ts";
import { readAheadKib } from "./page-cache.ts";
import type { RequestFigures } from "./requests.ts";
import type { Results } from "./results.ts";
import type { ScaleFigures, ServerLoad } from "./scale.ts";

/** The page of figures: circumstances, goals, and a section for each part that was measured. */
export function writeReport(results: Results): string {
  const { circumstances, applied, footprints, detection, requests, scale, sizes } = results;
  const parts = [
    "# The waiter beside kubectl",
    "![Bars: what each way to wait costs](waiter.svg)",
    [
      `Written by \`${circumstances.command}\` on ${circumstances.date}; do not edit.`,
      "",
      `- Machine: ${circumstances.machine}`,
      `- Cluster: the local one of \`npm run cluster\`, one node on the same machine: ${circumstances.cluster}`,
    ].join("\n"),
    method,
    "## Goals",
    goalTable(judgeGoals(results)),
    ...(applied ? writeApplied(applied) : []),
    ...(footprints ? writeFootprints(footprints) : []),
    ...(detection ? writeDetection(detection) : []),
    ...(requests ? writeRequests(requests) : []),
    ...(scale ? writeScale(scale) : []),
    ...(sizes ? writeSizes(sizes) : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

const method = `Three ways to hold a pod back until its migration is applied: the waiter; \`kubectl wait --for=condition=complete\` (before it \`--for=create\`, where the Job may be missing);
and a shell loop that asks \`kubectl get job\` every two seconds. All run in one image, as init containers that may do what the chart's Role allows or more, and take turns.
Starts and ends of containers are containerd's own, to the microsecond: the kubelet reports them in whole seconds and late. Figures are medians with [smallest–largest].`;

const right = (title: string) => ({ title, align: "right" }) as const;

function writeApplied(applied: readonly AppliedFigures[]): string[] {
  const floor = named(applied, reference.name).runMs.median;
  return [
    "## A migration that was applied before",
    "What every further start of a pod pays: from the start of the init container's process to its end.",
    markdownTable(
      [{ title: "" }, right("ms"), right("p95"), right("ms over `true`")],
      applied.map(({ name, runMs }) => [
        displayName(name),
        range(runMs),
        digits(runMs.p95),
        digits(runMs.median - floor),
      ]),
    ),
    `Rounds: ${applied[0]?.runMs.runs}.`,
  ];
}

function writeFootprints(footprints: readonly Footprint[]): string[] {
  return [
    "## What that check takes",
    `CPU time and peak memory as the container's cgroup has counted them, a shell included that reads them, with the program in the page cache. Where the page cache was dropped before, the
container is charged for the file pages that it reads, and one whose limit cannot hold those that the program uses reads them again and again; the device is set to the kernel's default read-ahead of ${readAheadKib} KiB meanwhile. "Passes" means within ${limitedSeconds} s, the container's start included.`,
    markdownTable(
      [
        { title: "" },
        right("CPU ms"),
        right("peak MiB"),
        right("smallest limit that passes"),
        right("page cache dropped"),
        right("little CPU"),
      ],
      footprints.map(({ name, cpuMs, peakMib, smallestLimitMib, cold, slowCpu }) => [
        displayName(name),
        range(cpuMs),
        range(peakMib),
        smallestLimitMib === undefined ? "none" : `${smallestLimitMib} MiB`,
        describeRuns(cold),
        describeRuns([slowCpu]),
      ]),
    ),
  ];
}

function writeDetection({ endToLedgerMs, endToCompleteMs, waiters }: DetectionFigures): string[] {
  return [
    "## A migration that ends while pods wait",
    `A pod of each kind waits, then the Job that the chart renders is created; it finds nothing to do in the database. From the end of its container \`migrate\` it takes ${range(endToLedgerMs)} ms (p95 ${digits(endToLedgerMs.p95)})
until a watch delivers the ledger's entry, and ${range(endToCompleteMs)} ms (p95 ${digits(endToCompleteMs.p95)}) until one delivers the Job's condition \`Complete\`, which is all that kubectl looks at.`,
    markdownTable(
      [
        { title: "ms" },
        right("event → exit"),
        right("p95"),
        right("exit → application"),
        right("migration's end → application"),
        right("p95"),
        right("later than ours"),
      ],
      waiters.map(({ name, eventToExitMs, exitToApplicationMs, endToApplicationMs, laterThanFirstMs }) => [
        displayName(name),
        range(eventToExitMs),
        digits(eventToExitMs.p95),
        range(exitToApplicationMs),
        range(endToApplicationMs),
        digits(endToApplicationMs.p95),
        name === ownName ? "" : range(laterThanFirstMs),
      ]),
    ),
    `Rounds: ${endToLedgerMs.runs}. "Event" is the earlier of ledger and Job for the waiter, the Job's condition for the others. Between exit and application works the kubelet, whoever has waited: it
looks for ended containers once a second. Less than nothing to the ledger's entry means that \`record\` was quicker than the migrator's own exit.`,
  ];
}

function writeRequests(requests: readonly RequestFigures[]): string[] {
  const seconds = requests[0]?.observedSeconds;
  return [
    "## Requests to the API server",
    `Counted by a proxy in front of it; the last two columns over ${seconds} s after the beginning. The waiter renews its watches every 4.5 minutes, kubectl every 5 to 10.`,
    markdownTable(
      [
        { title: "" },
        right("migration is applied"),
        right("beginning to wait"),
        right("connections"),
        right("requests a minute"),
        right("connections a minute"),
      ],
      requests.map((each) => [
        displayName(each.name),
        String(each.applied.length),
        String(each.start.length),
        String(each.connectionsAtStart),
        digits(each.requestsPerMinute),
        digits(each.connectionsPerMinute),
      ]),
    ),
    requests.map(({ name, start }) => `- ${displayName(name)} begins with ${listRequests(start)}`).join("\n"),
  ];
}

function listRequests(requests: readonly string[]): string {
  const kinds = requests.map((request) => request.replace(/\/namespaces\/[^/]+/, ""));
  const counts = Map.groupBy(kinds, (kind) => kind);
  return [...counts].map(([kind, all]) => `\`${kind}\`${all.length > 1 ? ` × ${all.length}` : ""}`).join(", ");
}

function writeScale({ idle, crowds }: ScaleFigures): string[] {
  const row = (label: string, load: ServerLoad, changing?: ServerLoad, rest: readonly string[] = ["", ""]) => [
    label,
    range(load.cpuPercent),
    changing ? range(changing.cpuPercent) : "",
    digits((changing ?? load).rssMib),
    ...rest,
  ];
  const columns = ["CPU %", "CPU %, status changes", "RSS MiB", "requests/s", "429"].map(right);
  return [
    "## Many at once",
    `The API server's CPU time in percent of one core, while so many wait for something that never comes: the waiter's own code, each with connections of its own; and emulated polls, which open a connection, read the
Job, and sleep for two seconds. In the second column the ledger's status changes once in each window. The programs run on the same cores as the server, and kubectl's own work (a process for each poll) comes on top.`,
    markdownTable(
      [{ title: "" }, ...columns],
      [
        row("nobody", idle),
        ...crowds.map((crowd) =>
          row(
            crowd.kind === "watch" ? `**${crowd.size} waiters**` : `${crowd.size} polls`,
            crowd.steady,
            crowd.changing,
            [digits(crowd.requestsPerSecond), describeTrouble(crowd)],
          ),
        ),
      ],
    ),
    "RSS is that of a Go heap that shrinks late: it tells what was needed at most, not what each crowd needs.",
  ];
}

function writeSizes({ waiterBytes, ownBytes, kubectlBytes }: ImageSizes): string[] {
  return [
    "## Size of the image",
    markdownTable(
      [{ title: "zstd" }, right("size")],
      [
        ["**waiter**, whole image", megabytes(waiterBytes)],
        ["its own layers over those that it shares with the migrator", megabytes(ownBytes)],
        ["the program kubectl alone", megabytes(kubectlBytes)],
      ],
    ),
  ];
}

function displayName(name: string): string {
  if (name === ownName) return `**${name}**`;
  return name === reference.name ? `*${name}*` : name;
}

function range({ median, minimum, maximum, runs }: Summary): string {
  return runs === 1 ? digits(median) : `${digits(median)} [${digits(minimum)}–${digits(maximum)}]`;
}

function digits(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}
