import type { V1ConfigMap, V1Job } from "@kubernetes/client-node";
import { expect, inject, test } from "vitest";
import { blogChart, splitReference, writeBaseValues } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { deployDatabase } from "../../tools/environment/database.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { closedGate } from "../../tools/environment/pods.ts";
import { until } from "../../tools/environment/until.ts";
import { buildImages } from "../../tools/images/build.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");
const cluster = await connectLocalCluster();
const built = await buildImages(["migrator"], { log: () => {} });
const [migrator = ""] = await cluster.provideImages([built.get("migrator") ?? ""]);

const posts = { "0001_posts.sql": "create table posts (title text);\n" };
const tags = { ...posts, "0002_tags.sql": "create table tags (name text default '{{ .Release.Name }}');\n" };
const authors = { ...tags, "0003_authors.sql": "create table authors (name text);\n" };

test.concurrent.for<HelmMajor>([3, 4])(
  "files from values and from a ConfigMap are applied with Helm %i, and no others than the announced ones",
  async (major, context) => {
    const namespace = await testNamespace(context, cluster, `files-helm${major}`);
    await deployDatabase(namespace, images.postgres);
    const upgrade = async (files: object) => {
      await using values = await writeBaseValues(images, { image: splitReference(migrator), files });
      const chart = ["blog", blogChart, "--values", values.file, "--set", "replicaCount=1"];
      await namespace.helm(major, "upgrade", "--install", ...chart);
    };
    const applied = (key: string) =>
      until(`the ledger says that ${key} was applied`, async () =>
        (await ledgerEntries(namespace)).find(({ appliedTo }) => appliedTo === key),
      );

    await upgrade({ inline: posts });
    expect(await applied("0001_posts")).toMatchObject({ applied: 1 });
    const [first] = await fileConfigMaps(namespace);
    expect(first).toMatchObject({ immutable: true, data: posts });

    await upgrade({ inline: tags });
    expect(await applied("0002_tags")).toMatchObject({ appliedFrom: "0001_posts", applied: 1 });
    const [second, ...others] = await fileConfigMaps(namespace);
    expect(second?.data).toEqual(tags);
    expect(second?.metadata?.name).not.toBe(first?.metadata?.name);
    expect(others).toEqual([]);

    await namespace.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "ours" }, data: authors });
    await upgrade({ existingConfigMap: "ours", checksum: "0".repeat(64) });
    const gate = await until("the gate stays closed", () => closedGate(namespace, "blog"), { timeoutMs: 180_000 });
    expect(gate.exitCode).toBe(10);
    const found = /the checksum of these migrations is ([0-9a-f]{64}), and 0{64} was expected/.exec(gate.message)?.[1];
    expect(found).toBeDefined();
    const { items: jobs } = await namespace.get<{ items: V1Job[] }>("jobs");
    // At once: a second attempt would find the same files.
    expect(jobs.map(({ status }) => status?.failed)).toEqual([1]);

    await upgrade({ existingConfigMap: "ours", checksum: found });
    expect(await applied("0003_authors")).toMatchObject({ applied: 1 });

    await namespace.helm(major, "rollback", "blog", "1");
    expect(await fileConfigMaps(namespace)).toMatchObject([{ metadata: { name: first?.metadata?.name }, data: posts }]);
    await until("the first Job, back again, has found its files and a newer database", async () => {
      const { items } = await namespace.get<{ items: V1Job[] }>("jobs");
      return items.length === 1 && items[0]?.status?.succeeded === 1;
    });
  },
);

interface LedgerEntry {
  readonly appliedFrom?: string;
  readonly appliedTo?: string;
  readonly applied?: number;
}

async function ledgerEntries(namespace: Namespace): Promise<LedgerEntry[]> {
  const { data = {} } = await namespace.get<V1ConfigMap>("configmap", "blog-migrations-ledger");
  const entries = Object.entries(data).filter(([key]) => /^[0-9a-f]{10}$/.test(key));
  return entries.map(([, entry]) => JSON.parse(entry) as LedgerEntry);
}

async function fileConfigMaps(namespace: Namespace): Promise<V1ConfigMap[]> {
  const { items } = await namespace.get<{ items: V1ConfigMap[] }>("configmaps");
  return items.filter(({ metadata }) => metadata?.name?.startsWith("blog-migrations-files-"));
}
