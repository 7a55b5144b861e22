import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { connectLocalCluster } from "../../../tools/environment/cluster.ts";
import { failures, type LoadSample, startLoad } from "../../../tools/environment/load.ts";
import { reachService } from "../../../tools/environment/service.ts";
import { percentile } from "../../../tools/figures/statistics.ts";
import type { LoadRun, RequestFigures, Step, StepKind } from "../../../tools/reliability/load-results.ts";
import { failedRequests, firstOf } from "../../../tools/timeline/failed-requests.ts";
import { startRecorder } from "../../../tools/timeline/recorder.ts";
import { buildTimeline } from "../../../tools/timeline/timeline.ts";
import { identityOf, refusedPod } from "../../e2e/scenario/release-state.ts";
import { testNamespace } from "../../e2e/test-namespace.ts";
import { provideMigrator } from "../migrator-image.ts";
import { type BlogRelease, blogMigrations, openBlogRelease } from "./blog-release.ts";
import { countObjects, settledCount } from "./object-count.ts";
import { type PlannedRelease, plannedReleases, type ReleaseKind } from "./planned-releases.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What `npm run test:faults -- load` collects. */
    loadRun?: LoadRun;
  }
  interface ProvidedContext {
    loadMinutes: number;
  }
}

const images = inject("blogImages");
const minutes = inject("loadMinutes");
const requestsPerSecond = 20;

test("with a release every minute no request fails, and nothing piles up", {
  timeout: (3 * minutes + 15) * 60_000,
}, async (context) => {
  const cluster = await connectLocalCluster();
  const migrator = await provideMigrator(cluster);
  const namespace = await testNamespace(context, cluster, "faults-load");
  await using blog = await openBlogRelease(namespace, images, migrator);
  const base = await blogMigrations();
  const { pods } = await blog.serves(4, base);
  await using service = await reachService(namespace, "blog", "http");

  const first = await countObjects(namespace, { failedRevisions: 0, migrations: Object.keys(base).length });
  const counts = [first];
  const steps: Step[] = [];
  await using recorder = startRecorder(namespace);
  await using load = startLoad(service.url, requestsPerSecond);
  const failed = () => failedRequests(load.samples, buildTimeline(recorder.events, load.samples, [], "blog"));
  const begun = Date.now();
  for (const release of plannedReleases(base, minutes)) {
    const atStep: TimeStep = async (kind, how) => {
      const started = performance.now();
      const result = await how();
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      const { minute, helm } = release;
      steps.push({ minute, kind, helm, seconds });
      const requests = `${load.samples.length} requests, ${failures(load.samples).length} failed`;
      console.log(
        [`minute ${minute}, Helm ${helm}, ${kind}: ${seconds} s; ${requests}`, ...firstOf(failed())].join("\n"),
      );
      return result;
    };
    await plays[release.kind](blog, release, atStep);
    const failedRevisions = steps.filter(({ kind }) => kind === "failing").length;
    const migrations = Object.keys(release.files).length;
    counts.push(await settledCount(namespace, first, { failedRevisions, migrations }));
    // One release a minute is what is played; where one has taken longer, the next follows at once.
    await sleep(Math.max(0, begun + release.minute * 60_000 - Date.now()));
  }
  const requests = { ...figures(await load.stop()), failed: failed() };
  context.task.meta.loadRun = { minutes, replicas: pods.length, requests, steps, counts };
  expect(firstOf(requests.failed)).toEqual([]);
});

/** Does one step of a minute, and takes the time that it takes. */
type TimeStep = <T>(kind: StepKind, how: () => Promise<T>) => Promise<T>;
type Play = (blog: BlogRelease, release: PlannedRelease, step: TimeStep) => Promise<unknown>;

const plays: Readonly<Record<ReleaseKind, Play>> = {
  good: (blog, { helm, files }, step) => step("good", () => blog.serves(helm, files)),
  slow: (blog, { helm, files }, step) => step("slow", () => blog.serves(helm, files)),
  failing: async (blog, { helm, files, broken = files }, step) => {
    const gaveUp = expect(blog.upgrade(helm, broken, "--timeout", "20s")).rejects.toThrow(
      /deadline exceeded|timed out/,
    );
    const [state] = await Promise.all([
      step("failing", () => blog.reaches("a new pod says why it does not start", (state) => !!refusedPod(state))),
      gaveUp,
    ]);
    expect(refusedPod(state)?.refusal?.message).toMatch(/_minute_\d+\.sql:1:\d+: SQLSTATE 23502/);
    await step("corrected", () => blog.serves(helm, files));
  },
  "rolled back": async (blog, { helm, files }, step) => {
    const before = await blog.state();
    await step("good", () => blog.serves(helm, files));
    const after = await step("rollback", () => blog.rollBack(helm));
    expect(identityOf(after)).toBe(identityOf(before));
  },
};

function figures(samples: readonly LoadSample[]): Omit<RequestFigures, "failed"> {
  const durations = samples.map(({ durationMs }) => durationMs);
  const withinMs = (percent: number) => Math.round(percentile(durations, percent) * 10) / 10;
  return {
    sent: samples.length,
    perSecond: requestsPerSecond,
    p50Ms: withinMs(50),
    p99Ms: withinMs(99),
    longestMs: withinMs(100),
  };
}
