import type { V1Job } from "@kubernetes/client-node";
import { expect, inject, test } from "vitest";
import type { StatusReport } from "../../packages/waiter/src/status/read-status.ts";
import { blogChart, splitReference, writeBaseValues } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { deployDatabase } from "../../tools/environment/database.ts";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { migrationsImageOf } from "./migrations-image.ts";
import { installPlugin } from "./plugin.ts";
import { testNamespace } from "./test-namespace.ts";

const images = inject("blogImages");
const plugin = await installPlugin();

/** Small, because it is run more than once. */
const posts = { "0001_create_posts.sql": "create table posts (title text); insert into posts values ('Hello');" };
const broken = { ...posts, "0002_add_slug.sql": "alter table posts\n  add column slug text not null;" };
const corrected = { ...posts, "0003_add_slug.sql": "alter table posts\n  add column slug text not null default '';" };

const cluster = await connectLocalCluster();
const sets = {
  broken: await migrationsImageOf(cluster, "retry-broken", broken),
  corrected: await migrationsImageOf(cluster, "retry-corrected", corrected),
};

// The migration is broken, so the Job fails again: what matters is that it is the same Job, and still Helm's.
test.concurrent.for<HelmMajor>([3, 4])(
  "a failed Job is shown, run again, and goes on being Helm %i's",
  async (major, context) => {
    const namespace = await testNamespace(context, cluster, `retry-helm${major}`);
    await using values = await writeBaseValues(images);
    const upgrade = (set: keyof typeof sets, ...flags: string[]) => {
      const { repository, tag } = splitReference(sets[set]);
      const image = `migrations.image.repository=${repository},migrations.image.tag=${tag}`;
      const chart = ["blog", blogChart, "--values", values.file, "--set", "replicaCount=1", "--set-string", image];
      return namespace.helm(major, "upgrade", "--install", ...chart, ...flags);
    };
    const failedGate = (kind: string, known?: string) =>
      until(
        kind,
        async () => {
          const [gate] = (await status(namespace)).gates.filter(({ job }) => job.state === "failed");
          const uid = gate && (await uidOf(namespace, gate.job.name));
          return gate && uid !== known && { ...gate, uid };
        },
        { intervalMs: 500 },
      );
    await deployDatabase(namespace, images.postgres);
    await upgrade("broken");

    const failed = await failedGate("the Job has failed");
    expect(failed).toMatchObject({
      gate: "blog-migrations",
      release: "blog",
      isOpen: false,
      ledger: { name: "blog-migrations-ledger", state: "not applied" },
      job: { reason: "PodFailurePolicy" },
      detail: expect.stringMatching(/\.sql:\d+:\d+: SQLSTATE 23502/),
    });
    const waiting = await until("the new pod waits", async () => (await status(namespace)).gates[0]?.waiting?.[0]);
    expect(waiting.name).toMatch(/^blog-/);

    const before = await namespace.get<V1Job>("job", failed.job.name ?? "");
    const said = await plugin(namespace, "retry", "blog", "--yes");
    expect(said).toContain(`deleted Job ${failed.job.name}`);
    expect(said).toContain(`created Job ${failed.job.name} anew`);
    const again = await failedGate("the new Job has failed, too", failed.uid);
    const after = await namespace.get<V1Job>("job", again.job.name ?? "");
    expect(lasting(after)).toEqual(lasting(before));

    // The same set with another limit changes the Job in place; Helm would refuse what it does not own.
    await upgrade("broken", "--set", "migrations.job.activeDeadlineSeconds=3000");
    const changed = await namespace.get<V1Job>("job", again.job.name ?? "");
    expect(changed.metadata?.uid).toBe(again.uid);
    expect(changed.spec?.activeDeadlineSeconds).toBe(3000);

    await upgrade("corrected");
    expect((await namespace.get<{ items: V1Job[] }>("jobs")).items.map((job) => job.metadata?.uid)).not.toContain(
      again.uid,
    );
    await until("the corrected set opens the gate", async () => {
      const { gates } = await status(namespace);
      return (
        gates.length === 1 && gates[0]?.isOpen && gates[0].job.state === "complete" && gates[0].waiting?.length === 0
      );
    });
    await expect(plugin(namespace, "retry", "blog", "--yes")).rejects.toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/is complete, so there is nothing to retry/),
    });
  },
);

async function status(namespace: Namespace): Promise<StatusReport> {
  return JSON.parse(await plugin(namespace, "status", "blog", "--json"));
}

async function uidOf(namespace: Namespace, job = ""): Promise<string | undefined> {
  return (await namespace.get<V1Job>("job", job)).metadata?.uid;
}

/** What of a Job is the same from its creation on, and is not its own: labels, annotations, owners of fields, spec. */
function lasting({ metadata = {}, spec }: V1Job): unknown {
  const { labels, annotations, managedFields } = metadata;
  const owners = managedFields
    ?.filter(({ subresource }) => !subresource)
    .map(({ manager, operation }) => `${operation} ${manager}`);
  const { selector: _, template, ...others } = spec ?? {};
  const {
    "batch.kubernetes.io/controller-uid": _uid,
    "controller-uid": _legacy,
    ...templateLabels
  } = template?.metadata?.labels ?? {};
  return { labels, annotations, owners, others, templateLabels, podSpec: template?.spec };
}
