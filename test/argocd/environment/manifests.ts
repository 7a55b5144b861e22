import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster } from "../../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";

/** Its API server would make one; without it changes of the settings are refused. */
const secretKey = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "argocd-secret", labels: { "app.kubernetes.io/part-of": "argocd" } },
  stringData: { "server.secretkey": randomBytes(32).toString("base64") },
};

/** Argo CD's own default, which its API server would create: any repository, any namespace, any kind. */
const defaultProject = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "AppProject",
  metadata: { name: "default" },
  spec: {
    sourceRepos: ["*"],
    destinations: [{ namespace: "*", server: "*" }],
    clusterResourceWhitelist: [{ group: "*", kind: "*" }],
  },
};

/**
 * Brings Argo CD's definitions, its settings as they are delivered, and the default project to an empty namespace
 * `argocd`; disposing of it removes them. Applications are expected to carry no finalizer by then.
 */
export async function installManifests(
  cluster: Cluster,
  directory: string,
): Promise<AsyncDisposable & { readonly namespace: Namespace }> {
  await using installing = new AsyncDisposableStack();
  const namespace = await emptyNamespace(cluster, "argocd");
  const definitions = await flagsFor(join(directory, "crds"));
  installing.defer(async () => {
    await deleteNamespace(namespace);
    await namespace.kubectl("delete", "--ignore-not-found", "--timeout", "120s", ...definitions);
  });
  // Too large for the annotation of a client-side apply.
  await namespace.kubectl("apply", "--server-side", ...definitions);
  await namespace.kubectl("apply", ...(await flagsFor(join(directory, "config"))));
  await namespace.apply(secretKey);
  await until("the API server knows what a project is", async () => {
    await namespace.apply(defaultProject);
    return true;
  });
  const installed = installing.move();
  return { namespace, [Symbol.asyncDispose]: () => installed.disposeAsync() };
}

async function flagsFor(directory: string): Promise<string[]> {
  const files = (await readdir(directory)).filter((file) => file !== "kustomization.yaml");
  return files.flatMap((file) => ["--filename", join(directory, file)]);
}
