import type { V1Job } from "@kubernetes/client-node";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { blogChart, releaseFlags, splitReference, writeBaseValues } from "../../tools/environment/blog.ts";
import { type Cluster, connectLocalCluster } from "../../tools/environment/cluster.ts";
import { deployDatabase } from "../../tools/environment/database.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { type ClosedGate, closedGate, listPods } from "../../tools/environment/pods.ts";
import { until } from "../../tools/environment/until.ts";
import { logThatTells } from "./container-log.ts";
import { migrationsImageOf } from "./migrations-image.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");

// What is wrong is said where a person looks first: in the new application pod.
describe.concurrent("bad input", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await connectLocalCluster();
  });

  test("a missing Secret: the waiter names the command that shows it", async (context) => {
    const namespace = await testNamespace(context, cluster, "bad-input-missing-secret");
    await install(namespace);
    const { metadata, spec } = await until("a pod", async () => (await listPods(namespace, "blog"))[0]);
    const waiter = spec?.initContainers?.[0]?.name ?? "";
    const log = await logThatTells(namespace, metadata?.name ?? "", waiter, "kubectl describe pod");
    const { items } = await namespace.get<{ items: V1Job[] }>("jobs");
    const selector = `batch.kubernetes.io/job-name=${items[0]?.metadata?.name}`;
    expect(log).toContain(selector);
    // The command does show the cause.
    expect(await namespace.kubectl("describe", "pod", "--selector", selector)).toContain(
      'secret "blog-db-owner" not found',
    );
  });

  test("a wrong password", async (context) => {
    const namespace = await testNamespace(context, cluster, "bad-input-wrong-password");
    await deployDatabase(namespace, images.postgres);
    await replaceOwnerUrl(namespace, (url) => {
      url.password = "wrong";
    });
    await install(namespace);
    const gate = await closed(namespace);
    expect(gate.message).toContain("28P01");
    expect(gate.message).toMatch(/password authentication failed for user "blog_owner"/);
  });

  test("an unreachable database", async (context) => {
    const namespace = await testNamespace(context, cluster, "bad-input-unreachable-database");
    await createOwnerSecret(namespace, "postgres://blog_owner:secret@nowhere.invalid:5432/blog");
    await install(namespace);
    const gate = await closed(namespace);
    expect(gate.message).toContain("nowhere.invalid");
    expect(gate.message).not.toContain("secret");
  });

  test("an empty migrations folder", async (context) => {
    const namespace = await testNamespace(context, cluster, "bad-input-empty-folder");
    await createOwnerSecret(namespace, "postgres://blog_owner:secret@nowhere.invalid:5432/blog");
    await install(namespace, await migrationsImageOf(cluster, "bad-input-empty", {}));
    const gate = await closed(namespace);
    expect(gate.message).toMatch(/\/migrations: there is no migration in this folder/);
  });

  test("two files of one version", async (context) => {
    const namespace = await testNamespace(context, cluster, "bad-input-two-files");
    await createOwnerSecret(namespace, "postgres://blog_owner:secret@nowhere.invalid:5432/blog");
    const files = { "0001_posts.sql": "create table posts ();", "0001_tags.sql": "create table tags ();" };
    await install(namespace, await migrationsImageOf(cluster, "bad-input-two-files", files));
    const gate = await closed(namespace);
    expect(gate.message).toContain("0001_posts.sql");
    expect(gate.message).toContain("0001_tags.sql");
  });
});

/** Installs the blog with one pod and one attempt that waits for ten seconds at most. */
async function install(namespace: Namespace, migrations?: string): Promise<void> {
  await using values = await writeBaseValues(images, {
    migrate: { waitBudgetSeconds: 10 },
    job: { backoffLimit: 0 },
    ...(migrations !== undefined && { image: splitReference(migrations) }),
  });
  const changed = migrations === undefined ? releaseFlags(images, "v1") : [];
  await namespace.helm(4, "install", "blog", blogChart, "--values", values.file, "--set", "replicaCount=1", ...changed);
}

function closed(namespace: Namespace): Promise<ClosedGate> {
  return until(
    "the gate stays closed because the Job failed",
    async () => {
      const gate = await closedGate(namespace, "blog");
      return gate?.exitCode === 10 && gate;
    },
    { timeoutMs: 180_000 },
  );
}

async function createOwnerSecret(namespace: Namespace, url: string): Promise<void> {
  await namespace.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "blog-db-owner" }, stringData: { url } });
}

async function replaceOwnerUrl(namespace: Namespace, change: (url: URL) => void): Promise<void> {
  const secret = await namespace.get<{ data: { url: string } }>("secret", "blog-db-owner");
  const url = new URL(Buffer.from(secret.data.url, "base64").toString());
  change(url);
  await createOwnerSecret(namespace, url.href);
}
