import { parseAllDocuments } from "yaml";
import { splitReference } from "../../../tools/environment/blog.ts";
import { databaseOwner, deployDatabase } from "../../../tools/environment/database.ts";
import type { KubernetesObject } from "../../../tools/environment/namespace.ts";
import type { WaiterBench } from "./bench.ts";
import type { Target } from "./contestants.ts";

/** One set of migrations as the chart renders it. */
export interface RenderedGate {
  readonly target: Target;
  readonly job: KubernetesObject;
  /** Everything but the Job. */
  readonly others: readonly KubernetesObject[];
}

const release = "gate";

/** Starts the database that all rounds share. */
export async function startGateDatabase({ namespace, images }: WaiterBench): Promise<void> {
  await deployDatabase(namespace, images.postgres);
  // Its readiness probe starts a program every two seconds, which would be noise in every measurement.
  const probe = [{ op: "remove", path: "/spec/template/spec/containers/0/readinessProbe" }];
  await namespace.kubectl("patch", "deployment/blog-db", "--type=json", `--patch=${JSON.stringify(probe)}`);
  await namespace.kubectl("rollout", "status", "deployment/blog-db", "--timeout=120s");
}

/** Renders the chart as a user would; another `rerunToken` is another identity. */
export async function renderGate({ namespace, images }: WaiterBench, rerunToken: string): Promise<RenderedGate> {
  const migrations = splitReference(images.migrations);
  const waiter = splitReference(images.waiter);
  const values = {
    "image.repository": migrations.repository,
    "image.tag": migrations.tag,
    "waiter.image.registry": "",
    "waiter.image.repository": waiter.repository,
    "waiter.image.tag": waiter.tag,
    "database.existingSecret": databaseOwner.existingSecret,
    "database.key": databaseOwner.key,
    "job.rerunToken": rerunToken,
  };
  const flags = Object.entries(values).flatMap(([name, value]) => ["--set-string", `${name}=${value}`]);
  const yaml = await namespace.helm(4, "template", release, "charts/migration-gate", "--skip-tests", ...flags);
  const objects = parseAllDocuments(yaml).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
  const job = objects.find(({ kind }) => kind === "Job");
  if (!job) throw new Error("the chart has rendered no Job");
  const { name } = job.metadata;
  const target = { job: name, ledger: `${release}-ledger`, identity: name.slice(name.lastIndexOf("-") + 1) };
  return { target, job, others: objects.filter((each) => each !== job) };
}
