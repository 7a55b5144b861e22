import type { V1ConfigMap, V1Job, V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import { expect, inject, test } from "vitest";
import { blogChart, splitReference, writeBaseValues } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { deployDatabase } from "../../tools/environment/database.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { closedGate, listPods } from "../../tools/environment/pods.ts";
import { until } from "../../tools/environment/until.ts";
import { podState } from "../../tools/timeline/timeline.ts";
import { queryAt, reachableUrl, secretUrl } from "./scenario/database-access.ts";
import { testNamespace } from "./test-namespace.ts";
import { type ToolName, toolImages, toolValues } from "./tool-images.ts";
import { webImage } from "./web-image.ts";

const posts = "create table posts (title text not null); insert into posts values ('Hello');";
const broken = "alter table posts add column slug text not null;";
const corrected = "alter table posts add column slug text not null default '';";

interface Tool {
  readonly name: ToolName;
  readonly major: HelmMajor;
  /** Kubernetes' reason for the end of a Job whose SQL is wrong. */
  readonly failure: "PodFailurePolicy" | "BackoffLimitExceeded";
  /** What a person has to do to the database after a failure, beside correcting the file. */
  readonly repair?: string;
  /** How the old set's Job ends on the newer schema after a rollback. */
  readonly onNewerSchema: RegExp;
}

const tools: readonly Tool[] = [
  {
    name: "golang-migrate",
    major: 3,
    failure: "BackoffLimitExceeded",
    repair: "update schema_migrations set version = 1, dirty = false",
    onNewerSchema: /no migration found for version 2/,
  },
  { name: "goose", major: 4, failure: "BackoffLimitExceeded", onNewerSchema: /no migrations to run/ },
  { name: "flyway", major: 4, failure: "PodFailurePolicy", onNewerSchema: /No migration necessary/ },
];

const cluster = await connectLocalCluster();
const images = { ...inject("blogImages"), blog: await webImage(cluster) };

const imagesOfTools = new Map<ToolName, readonly string[]>();
for (const { name } of tools) {
  imagesOfTools.set(name, await toolImages(cluster, name, [[posts], [posts, broken], [posts, corrected]]));
}

const limit = { timeoutMs: 240_000 };

test.concurrent.for(tools)(
  "$name with Helm $major: gates a pod, fails its Job by its own exit code, goes on, and is rolled back",
  { timeout: 600_000 },
  async ({ name, major, failure, repair, onNewerSchema }, context) => {
    const [first = "", second = "", third = ""] = imagesOfTools.get(name) ?? [];
    const namespace = await testNamespace(context, cluster, `other-tools-${name}`);
    const values = await writeBaseValues(images, await gateValues(name, first));
    context.onTestFinished(() => values[Symbol.asyncDispose]());
    const upgrade = (image: string) => {
      const tag = ["--set-string", `migrations.image.tag=${splitReference(image).tag}`];
      // One retry is enough to see that there are retries.
      const flags = ["--values", values.file, "--set", "replicaCount=1,migrations.job.backoffLimit=1", ...tag];
      return namespace.helm(major, "upgrade", "--install", "blog", blogChart, ...flags);
    };
    const readyPod = (known?: string) =>
      until(
        "a pod is ready",
        async () => (await readyPods(namespace)).find(({ metadata }) => metadata?.uid !== known),
        limit,
      );

    await deployDatabase(namespace, images.postgres);
    await createOwnerSecret(namespace);
    await upgrade(first);
    const serving = await readyPod();
    const [job] = await jobs(namespace);
    const identity = job?.metadata?.name?.slice(-10) ?? "";
    const ledger = await entries(namespace);
    expect([...ledger.keys()]).toEqual([identity]);
    expect(startOfApplication(serving)).toBeGreaterThanOrEqual(ledger.get(identity) ?? Number.NaN);
    expect(await query(namespace, "select title from posts")).toEqual([{ title: "Hello" }]);

    await upgrade(second);
    const gate = await until("the new pod says that the Job failed", () => closedGate(namespace, "blog"), limit);
    expect(gate).toMatchObject({ exitCode: 10, message: expect.stringContaining(`failed: ${failure}`) });
    expect(gate.message).not.toContain("of migration-gate's own migrator");
    expect(gate.message.includes("Exit code: 1, by the image's own tool")).toBe(failure === "PodFailurePolicy");
    expect(await runPrinted(namespace, gate.message)).toMatch(/column "slug" of relation "posts" contains null values/);
    expect((await readyPods(namespace)).map(({ metadata }) => metadata?.uid)).toEqual([serving.metadata?.uid]);

    if (repair !== undefined) await query(namespace, repair);
    await upgrade(third);
    const upgraded = await readyPod(serving.metadata?.uid);
    expect([...(await entries(namespace)).keys()]).toHaveLength(2);
    expect(await query(namespace, "select slug from posts")).toEqual([{ slug: "" }]);

    await namespace.helm(major, "rollback", "blog", "1");
    await readyPod(upgraded.metadata?.uid);
    await until(
      "the old set's Job says what it finds",
      async () =>
        onNewerSchema.test(await namespace.kubectl("logs", `job/${job?.metadata?.name}`, "--container", "migrate")),
      limit,
    );
  },
);

/** The chart's example for the tool, with the image and the database of this test. */
async function gateValues(name: ToolName, image: string): Promise<object> {
  const { migrate, database, ...values } = await toolValues(name);
  // The driver of golang-migrate insists on TLS, which the test's database does not have.
  const here = name === "golang-migrate" ? { sslmode: "disable" } : {};
  const parts = name === "flyway" ? { host: "blog-db", name: "blog", user: "blog_owner" } : {};
  return { ...values, migrate, database: { ...database, ...parts, ...here }, image: splitReference(image) };
}

/** The owner's credentials under both names that the examples use. */
async function createOwnerSecret(namespace: Namespace): Promise<void> {
  const url = await secretUrl(namespace, "blog-db-owner");
  const stringData = { url: url.href, password: decodeURIComponent(url.password) };
  await namespace.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "shop-db-owner" }, stringData });
}

async function query(namespace: Namespace, sql: string): Promise<object[]> {
  return queryAt(await reachableUrl(namespace, "blog-db-owner"), sql);
}

async function readyPods(namespace: Namespace): Promise<V1Pod[]> {
  return (await listPods(namespace, "blog")).filter((pod) => podState(pod) === "ready");
}

async function jobs(namespace: Namespace): Promise<V1Job[]> {
  return (await namespace.get<{ items: V1Job[] }>("jobs")).items;
}

/** When each identity that the ledger lets in succeeded, in milliseconds since the epoch, cut to whole seconds. */
async function entries(namespace: Namespace): Promise<Map<string, number>> {
  const { data = {} } = await namespace.get<V1ConfigMap>("configmap", "blog-migrations-ledger");
  const successes = Object.entries(data).filter(([key]) => /^[0-9a-f]{10}$/.test(key));
  return new Map(successes.map(([key, entry]) => [key, wholeSeconds(JSON.parse(entry).succeededAt)]));
}

/** Kubernetes gives whole seconds. */
function startOfApplication(pod: V1Pod): number {
  return wholeSeconds(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt);
}

function wholeSeconds(time: string | Date | undefined): number {
  return Math.floor(Number(new Date(time ?? Number.NaN)) / 1000) * 1000;
}

/** Runs the command after "Log:" in the waiter's message as a person would. */
async function runPrinted({ cluster }: Namespace, message: string): Promise<string> {
  const command = /^Log: +kubectl (.+)$/m.exec(message)?.[1]?.split(" ") ?? [];
  const { stdout } = await execa(cluster.kubectl, command, { env: { KUBECONFIG: cluster.kubeconfig } });
  return stdout;
}
