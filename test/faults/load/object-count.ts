import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";
import { exceededBounds, type ObjectCount } from "../../../tools/reliability/object-bounds.ts";
import { queryAt, reachableUrl } from "../../e2e/scenario/database-access.ts";
import type { ListedObject } from "../../e2e/scenario/release-state.ts";

type Progress = Pick<ObjectCount, "failedRevisions" | "migrations">;

const kinds = "jobs,pods,configmaps,roles,rolebindings,serviceaccounts,secrets,replicasets";

/** Counts what the blog's release has in its namespace and in its database. */
export async function countObjects(namespace: Namespace, progress: Progress): Promise<ObjectCount> {
  const { items } = await namespace.get<{ items: ListedObject[] }>(kinds);
  const ofKind = (...kinds: string[]) => items.filter(({ kind }) => kinds.includes(kind));
  const isHelms = (secret: V1Secret) => secret.type === "helm.sh/release.v1";
  const secrets = ofKind("Secret") as V1Secret[];
  const ledger = items.find(({ metadata }) => metadata.name === "blog-migrations-ledger") as V1ConfigMap | undefined;
  const entries = Object.entries(ledger?.data ?? {});
  const url = await reachableUrl(namespace, "blog-db-owner");
  const [database] = await queryAt(
    url,
    `select
      (select count(*)::int from migration_gate.history) as history,
      (select count(*)::int from pg_stat_activity where usename = current_user and pid <> pg_backend_pid()) as sessions`,
  );
  return {
    ...progress,
    objects: {
      jobs: ofKind("Job").length,
      pods: ofKind("Pod").length,
      configMaps: ofKind("ConfigMap").length,
      access: ofKind("Role", "RoleBinding", "ServiceAccount").length,
      secrets: secrets.filter((secret) => !isHelms(secret)).length,
      helmSecrets: secrets.filter(isHelms).length,
      replicaSets: ofKind("ReplicaSet").filter(isOfBlog).length,
      ledgerEntries: entries.filter(([key]) => /^[0-9a-f]{10}$/.test(key)).length,
      ledgerBytes: entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.join("")), 0),
      historyRows: Number(database?.["history"]),
      sessions: Number(database?.["sessions"]),
    },
  };
}

/**
 * Counts again once all is within its bounds. Garbage collection works in the background, so what Helm has deleted takes a
 * moment to go.
 */
export function settledCount(namespace: Namespace, atFirst: ObjectCount, progress: Progress): Promise<ObjectCount> {
  return until(
    "everything is within its bounds",
    async () => {
      const count = await countObjects(namespace, progress);
      const exceeded = exceededBounds(atFirst, count);
      if (exceeded.length > 0) throw new Error(exceeded.join("; "));
      return count;
    },
    { intervalMs: 1000 },
  );
}

function isOfBlog({ metadata }: ListedObject): boolean {
  return metadata.labels?.["app.kubernetes.io/name"] === "blog";
}
