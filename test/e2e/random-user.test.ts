import type { V1PodSpec } from "@kubernetes/client-node";
import { expect, inject, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { blogChart, splitReference, writeBaseValues } from "../../tools/environment/blog.ts";
import { connectLocalCluster } from "../../tools/environment/cluster.ts";
import { deployDatabase } from "../../tools/environment/database.ts";
import type { KubernetesObject } from "../../tools/environment/namespace.ts";
import { closedGate, listPods } from "../../tools/environment/pods.ts";
import { until } from "../../tools/environment/until.ts";
import { inspect } from "./inside/run.ts";
import { migrationsImageOf } from "./migrations-image.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");
const userOfNamespace = 1_000_680_000;

test("migrator, record and waiter run as the user and group that OpenShift gives to a namespace", async (context) => {
  const cluster = await connectLocalCluster();
  const namespace = await testNamespace(context, cluster, "random-user");
  await deployDatabase(namespace, images.postgres);
  const posts = { "0001_create_posts.sql": "create table posts (title text);" };
  const sets = [
    posts,
    {
      ...posts,
      "0002_add_slug.sql": "insert into posts values ('Hello');\nalter table posts add column slug text not null;",
    },
  ];
  const [good = "", broken = ""] = await Promise.all(
    sets.map((files, index) => migrationsImageOf(cluster, `security-random-user-${index}`, files)),
  );
  await using values = await writeBaseValues(images, {
    waiter: { image: { registry: "", ...splitReference(images.waiter) } },
  });
  const apply = async (set: string) => {
    const { repository, tag } = splitReference(set);
    const image = `migrations.image.repository=${repository},migrations.image.tag=${tag}`;
    const chart = [
      blogChart,
      "--values",
      values.file,
      "--set",
      "replicaCount=1",
      "--set-string",
      image,
      "--skip-tests",
    ];
    const rendered = parseAllDocuments(await namespace.helm(4, "template", "blog", ...chart));
    await namespace.apply(...rendered.map((document) => asOpenShiftAdmits(document.toJS() as KubernetesObject)));
  };

  await apply(good);
  await namespace.kubectl("wait", "--for", "condition=Complete", "jobs", "--all", "--timeout", "180s");
  const pod = await until(
    "the application runs",
    async () => {
      const [first] = await listPods(namespace, "blog");
      return first?.status?.containerStatuses?.[0]?.state?.running && first.metadata?.name;
    },
    { timeoutMs: 180_000 },
  );
  expect(await inspect(namespace, { pod, container: "blog" })).toMatchObject({ uid: userOfNamespace, gid: 0 });

  // The reason of a failure takes its way through the report, the ledger and both termination messages.
  await apply(broken);
  const gate = await until("the broken migration closes the gate", () => closedGate(namespace, "blog"), {
    timeoutMs: 180_000,
  });
  expect(gate.message).toMatch(/0002_add_slug\.sql:2:1: SQLSTATE 23502/);
});

/** What OpenShift's restricted-v2 changes of a pod: a user of the namespace's range, and its group for volumes. */
function asOpenShiftAdmits(object: KubernetesObject): KubernetesObject {
  const copy = structuredClone(object) as KubernetesObject & { spec?: { template?: { spec: V1PodSpec } } };
  const pod = copy.spec?.template?.spec;
  if (!pod) return copy;
  pod.securityContext = { ...pod.securityContext, fsGroup: userOfNamespace };
  for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
    container.securityContext = { ...container.securityContext, runAsUser: userOfNamespace };
  }
  return copy;
}
