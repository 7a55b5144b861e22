import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import {
  type BaseValues,
  type BlogImages,
  type BlogRelease,
  blogChart,
  prepareBlog,
  releaseFlags,
  writeBaseValues,
} from "../environment/blog.ts";
import type { Cluster } from "../environment/cluster.ts";
import { deployDatabase } from "../environment/database.ts";
import { failures, type Load, startLoad } from "../environment/load.ts";
import { emptyNamespace, type Namespace } from "../environment/namespace.ts";
import { closedGate, listPods } from "../environment/pods.ts";
import { reachService } from "../environment/service.ts";
import { until } from "../environment/until.ts";
import { startRecorder } from "../timeline/recorder.ts";
import { reportPage } from "../timeline/report.ts";
import { drawSvg } from "../timeline/svg.ts";
import { drawTerminal } from "../timeline/terminal.ts";
import { buildTimeline, type Mark, podState } from "../timeline/timeline.ts";
import type { Narrator } from "./narrator.ts";

interface Stage {
  readonly namespace: Namespace;
  readonly images: BlogImages;
  readonly values: BaseValues;
  readonly narrator: Narrator;
  readonly marks: Mark[];
}

const requestsPerSecond = 40;

/** Plays the story of the README and returns its timeline, as a page and as an SVG document. */
export async function playStory(options: {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly narrator: Narrator;
  readonly log: (line: string) => void;
}): Promise<{ page: string; svg: string }> {
  const { cluster, narrator } = options;
  const images = await prepareBlog(cluster, options.log);
  await using values = await writeBaseValues(images);
  const namespace = await emptyNamespace(cluster, options.namespace);
  await deployDatabase(namespace, images.postgres);
  const stage: Stage = { namespace, images, values, narrator, marks: [] };

  await using recorder = startRecorder(namespace);
  await install(stage);
  await using service = await reachService(namespace, "blog", "http");
  narrator.fact(`the blog answers at ${service.url}`);
  narrator.output(await pageSummary(service.url));
  await using load = startLoad(service.url, requestsPerSecond);

  await upgradeUnderLoad(stage, load);
  await failToUpgrade(stage, load, service.url);
  await upgradeToTheFix(stage, load);
  await rollBack(stage, load);
  await scaleWithoutJob(stage, load);

  const samples = await load.stop();
  const timeline = buildTimeline(recorder.events, samples, stage.marks, "blog");
  narrator.step("The timeline", "From the API's own events and this machine's requests.");
  process.stdout.write(`\n${drawTerminal(timeline, process.stdout.columns ?? 120)}\n\n`);
  const facts = {
    "requests answered": String(samples.length - failures(samples).length),
    "requests failed": String(failures(samples).length),
    cluster: await kubernetesVersion(namespace),
    date: new Date(timeline.from).toISOString(),
  };
  return { page: reportPage("migration-gate: five releases under load", timeline, facts), svg: drawSvg(timeline) };
}

async function install(stage: Stage): Promise<void> {
  stage.narrator.step(
    "Install release v1",
    "A Job creates the schema and 200,000 posts. Four application pods wait in their first init container, then start.",
  );
  await helmUpgrade(stage, "v1", "install v1", "--wait", "--timeout", "10m");
  await show(stage, "get", "jobs,pods,configmaps", "--selector", "app.kubernetes.io/instance=blog");
}

async function upgradeUnderLoad(stage: Stage, load: Load): Promise<void> {
  stage.narrator.step(
    "Upgrade to v2 under load",
    `Categories: a table, a backfill of 200,000 rows, an index built concurrently; ${requestsPerSecond} requests per second go on.`,
  );
  await helmUpgrade(stage, "v2", "upgrade to v2", "--wait", "--timeout", "10m");
  const newPods = (await listPods(stage.namespace, "blog")).filter((pod) => podState(pod) === "ready");
  const [first] = newPods.sort(byCreation);
  await showLog(stage, first?.metadata?.name ?? "", first?.spec?.initContainers?.[0]?.name ?? "");
  reportLoad(stage, load);
}

async function failToUpgrade(stage: Stage, load: Load, url: string): Promise<void> {
  stage.narrator.step(
    "Upgrade to v3, which is broken",
    "It adds a NOT NULL column without a default, which no table with rows can take. The rollout must stop there.",
  );
  await helmUpgrade(stage, "v3", "upgrade to v3 (broken)");
  const gate = await until("a new pod says that its migration failed", () => closedGate(stage.namespace, "blog"));
  await showLog(stage, gate.pod, gate.container);
  stage.narrator.command(`kubectl describe pod ${gate.pod}`);
  stage.narrator.output(initContainerState(await stage.namespace.kubectl("describe", "pod", gate.pod)), 20);
  await show(stage, "get", "deployments,pods", "--selector", "app.kubernetes.io/name=blog");
  stage.narrator.fact("the old pods go on serving:");
  stage.narrator.output(await pageSummary(url));
  reportLoad(stage, load);
}

async function upgradeToTheFix(stage: Stage, load: Load): Promise<void> {
  stage.narrator.step(
    "Upgrade to v4, the fix",
    "The same column, nullable first, then with a default: no lock row, no dirty flag, no surgery.",
  );
  await helmUpgrade(stage, "v4", "upgrade to v4 (fixed)", "--wait", "--timeout", "10m");
  reportLoad(stage, load);
}

async function rollBack(stage: Stage, load: Load): Promise<void> {
  stage.narrator.step(
    "Roll back to v2",
    "The ledger knows that v2's migrations were applied: the old version's pods start at once, on the newer schema.",
  );
  await helm(stage, "roll back to v2", "rollback", "blog", "2", "--wait", "--timeout", "10m");
  reportLoad(stage, load);
}

async function scaleWithoutJob(stage: Stage, load: Load): Promise<void> {
  stage.narrator.step(
    "Delete the Jobs, then scale up",
    "As an autoscaler does months later, when the Job is long gone: the ledger answers, and new pods start at once.",
  );
  stage.marks.push({ at: Date.now(), label: "delete Jobs, scale to 6" });
  await show(stage, "delete", "jobs", "--all");
  await show(stage, "scale", "deployment/blog", "--replicas", "6");
  await until(
    "six pods are ready",
    async () => (await stage.namespace.get<V1Deployment>("deployment", "blog")).status?.readyReplicas === 6,
  );
  await show(stage, "get", "pods", "--selector", "app.kubernetes.io/name=blog");
  reportLoad(stage, load);
}

async function helmUpgrade(stage: Stage, release: BlogRelease, label: string, ...flags: string[]): Promise<void> {
  const changed = releaseFlags(stage.images, release);
  await helm(
    stage,
    label,
    "upgrade",
    "--install",
    "blog",
    blogChart,
    "--values",
    stage.values.file,
    ...changed,
    ...flags,
  );
}

async function helm(stage: Stage, label: string, ...args: string[]): Promise<void> {
  stage.narrator.command(["helm", ...args].join(" "));
  stage.marks.push({ at: Date.now(), label });
  await stage.namespace.helm(4, ...args);
}

async function show(stage: Stage, ...args: string[]): Promise<void> {
  stage.narrator.command(["kubectl", ...args].join(" "));
  stage.narrator.output(await stage.namespace.kubectl(...args), 16);
}

async function showLog(stage: Stage, pod: string, container: string): Promise<void> {
  const args = ["logs", pod, "--container", container];
  stage.narrator.command(["kubectl", ...args].join(" "));
  stage.narrator.log(await stage.namespace.kubectl(...args));
}

function reportLoad(stage: Stage, load: Load): void {
  const failed = failures(load.samples);
  const reasons = [...new Set(failed.map((sample) => sample.failure))].join(", ");
  stage.narrator.fact(`${load.samples.length} requests so far, ${failed.length} failed${reasons && ` (${reasons})`}`);
}

/** The page as a reader sees it: heading and first posts. */
async function pageSummary(url: string): Promise<string> {
  const html = await (await fetch(url)).text();
  const parts = [...html.matchAll(/<(h1|li)>(.*?)<\/\1>/gs)];
  const texts = parts.map((part) =>
    part[2]
      ?.replaceAll(/<[^>]*>/g, " ")
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
  return texts.slice(0, 4).join("\n");
}

/** The part of `kubectl describe pod` that says how the init container ended. */
function initContainerState(description: string): string {
  return /\nInit Containers:\n.*?\n( {4}State:.*?\n) {4}Restart Count:/s.exec(description)?.[1] ?? description;
}

function byCreation(a: V1Pod, b: V1Pod): number {
  return String(a.metadata?.creationTimestamp).localeCompare(String(b.metadata?.creationTimestamp));
}

async function kubernetesVersion(namespace: Namespace): Promise<string> {
  const { serverVersion } = JSON.parse(await namespace.kubectl("version", "--output", "json"));
  return `Kubernetes ${serverVersion.gitVersion}`;
}
