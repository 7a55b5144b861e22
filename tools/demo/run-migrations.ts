import type { V1Job } from "@kubernetes/client-node";
import { formatDuration } from "@migration-gate/cli-runtime/duration";
import { splitReference } from "../environment/blog.ts";
import type { Cluster } from "../environment/cluster.ts";
import { databaseOwner, deployDatabase } from "../environment/database.ts";
import { emptyNamespace } from "../environment/namespace.ts";
import { until } from "../environment/until.ts";
import { buildImages, migrationsImage } from "../images/build.ts";
import { jobState } from "../timeline/timeline.ts";
import type { Narrator } from "./narrator.ts";

/** Runs any folder of SQL files as the Job on the cluster, on a fresh PostgreSQL, by the chart alone, and tells the figures. */
export async function runMigrations(options: {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly folder: string;
  readonly narrator: Narrator;
  readonly log: (line: string) => void;
}): Promise<void> {
  const { cluster, narrator, log } = options;
  const built = await buildImages(["waiter", "postgres"], { log });
  const migrations = await migrationsImage(options.folder, "demo-migrations", { log });
  const references = [built.get("waiter") ?? "", built.get("postgres") ?? "", migrations];
  const [waiter = "", postgres = "", image = ""] = await cluster.provideImages(references);
  const namespace = await emptyNamespace(cluster, options.namespace);
  await deployDatabase(namespace, postgres);

  narrator.step(`Run the migrations of ${options.folder}`, "The chart alone: a Job, its ledger, nothing that waits.");
  const values = {
    image: splitReference(image),
    waiter: { image: { registry: "", ...splitReference(waiter) } },
    database: databaseOwner,
  };
  const args = ["install", "sql", "charts/migration-gate", "--set-json", JSON.stringify(values)];
  narrator.command(`helm ${args.map((arg) => (arg.startsWith("{") ? `'${arg}'` : arg)).join(" ")}`);
  await namespace.helm(4, ...args);

  const job = await until(
    "the migration Job has ended",
    async () => {
      const { items } = await namespace.get<{ items: V1Job[] }>("jobs");
      return items.find((candidate) => jobState(candidate) !== "running");
    },
    { timeoutMs: 3_600_000 },
  );
  const name = job.metadata?.name ?? "";
  narrator.command(`kubectl logs job/${name} --container migrate`);
  narrator.log(await namespace.kubectl("logs", `job/${name}`, "--container", "migrate"));
  if (jobState(job) === "failed")
    throw new Error(`the migrations failed; the database and the Job are in namespace ${namespace.name}`);
  const ledger = await namespace.get<{ data: Record<string, string> }>("configmap", "sql-ledger");
  const entry = JSON.parse(ledger.data[name.split("-").at(-1) ?? ""] ?? "{}");
  narrator.fact(`${entry.applied} migrations up to ${entry.appliedTo} in ${formatDuration(entry.durationMs)}`);
}
