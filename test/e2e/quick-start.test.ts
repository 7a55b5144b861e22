import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";
import { execa } from "execa";
import { expect, inject, test } from "vitest";
import { fencedBlocks, section } from "../../tools/documentation/markdown.ts";
import { splitReference } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { createCredentials, startDatabase } from "../../tools/environment/database.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { listPods } from "../../tools/environment/pods.ts";
import { until } from "../../tools/environment/until.ts";
import { repositoryRoot } from "../../tools/images/catalogue.ts";
import { applyEdits, documentedEdits } from "../support/documented-edits.ts";
import { documentedScripts, readPage } from "../support/documented-sql.ts";
import { migrationsImageOf } from "./migrations-image.ts";
import { testNamespace } from "./test-namespace.ts";
import { webImage } from "./web-image.ts";

const page = readPage("quick-start.md");
const images = inject("blogImages");
const cluster = await connectLocalCluster();
const [createProducts = ""] = documentedScripts("quick-start.md", "1. An image with your migrations");
const migrations = await migrationsImageOf(cluster, "quick-start", { "0001_create_products.sql": createProducts });

/** The page's names stand for images that nobody has published; the chart of `helm create` runs nginx, as root. */
const valuesOfThisMachine = {
  image: splitReference(await webImage(cluster)),
  service: { port: 8080 },
  podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  migrations: {
    image: splitReference(migrations),
    waiter: { image: { registry: "", ...splitReference(images.waiter) } },
  },
};

test.concurrent.for<HelmMajor>([3, 4])(
  "who follows the quick start gets a gated rollout with Helm %i, in fewer than 20 changed lines",
  async (major, context) => {
    const namespace = await testNamespace(context, cluster, `quick-start-helm${major}`);
    const folder = await mkdtemp(join(tmpdir(), "quick-start-"));
    context.onTestFinished(() => rm(folder, { recursive: true }));

    await execa(cluster.helm[major], ["create", "shop"], { cwd: folder });
    await cp(join(folder, "shop"), join(folder, "before"), { recursive: true });
    await applyEdits(documentedEdits(page), folder);
    expect(await changedLines(folder)).toBe(17);
    expect(page).toContain("seventeen, in three files");

    const passwords = await createCredentials(namespace);
    await createOwnerSecret(namespace);
    const installed = runDocumentedHelm(namespace, major, folder);
    const waiting = async () => {
      const [pod] = await listPods(namespace, "shop");
      return pod?.status?.initContainerStatuses?.[0]?.state?.running && pod;
    };
    const pod = await until("a pod waits at the gate", waiting, { timeoutMs: 180_000 });
    expect(pod.status?.containerStatuses?.map(({ started }) => started)).toEqual([false]);
    await startDatabase(namespace, images.postgres, passwords);
    await installed;

    const [ready] = await listPods(namespace, "shop");
    expect(ready?.metadata?.uid).toBe(pod.metadata?.uid);
    expect(ready?.status?.containerStatuses?.[0]).toMatchObject({ name: "shop", ready: true });
    const { data = {} } = await namespace.get<V1ConfigMap>("configmap", "shop-migrations-ledger");
    const entries = Object.entries(data).filter(([key]) => /^[0-9a-f]{10}$/.test(key));
    expect(entries.map(([, entry]) => JSON.parse(entry))).toMatchObject([{ applied: 1 }]);
  },
);

/** Lines added and lines taken away, as git counts them. */
async function changedLines(folder: string): Promise<number> {
  const args = ["diff", "--no-index", "--numstat", "before", "shop"];
  const { stdout } = await execa("git", args, { cwd: folder, reject: false });
  const counts = stdout.split("\n").flatMap((line) => line.split("\t").slice(0, 2).map(Number));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Runs the page's two commands, with the chart and the images of this machine in place of the published ones. */
async function runDocumentedHelm({ name, cluster }: Namespace, major: HelmMajor, folder: string): Promise<void> {
  const [block] = fencedBlocks(section(page, "4. Install")).filter(({ text }) => text.startsWith("helm "));
  const [update = [], upgrade = []] =
    block?.text
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ").slice(1)) ?? [];
  await replaceRegistry(join(folder, "shop/Chart.yaml"));
  await writeFile(join(folder, "here.yaml"), JSON.stringify(valuesOfThisMachine));
  const options = { cwd: folder, env: { KUBECONFIG: cluster.kubeconfig } };
  await execa(cluster.helm[major], update, options);
  const target = ["--kube-context", cluster.context, "--namespace", name, "--values", "here.yaml"];
  await execa(cluster.helm[major], [...upgrade, ...target], options);
}

async function replaceRegistry(chartYaml: string): Promise<void> {
  const published = "oci://ghcr.io/migration-gate/charts";
  const text = await readFile(chartYaml, "utf8");
  expect(text).toContain(published);
  await writeFile(chartYaml, text.replace(published, `file://${join(repositoryRoot, "charts/migration-gate")}`));
}

/** The Secret that the page has its reader create, for this test's database. */
async function createOwnerSecret(namespace: Namespace): Promise<void> {
  const { data } = await namespace.get<V1Secret>("secret", "blog-db-owner");
  await namespace.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "shop-db-owner" }, data });
}
