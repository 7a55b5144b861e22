import { readFile } from "node:fs/promises";
import { type Document, parseDocument } from "yaml";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import { until } from "../../../tools/environment/until.ts";

const resource = "applications.argoproj.io";
const refreshAnnotation = "argocd.argoproj.io/refresh";

/** As much of an Application's status as the tests look at. */
export interface ApplicationStatus {
  readonly sync: { readonly status: string; readonly revision?: string };
  readonly health: { readonly status: string };
  readonly operationState?: {
    readonly phase: string;
    readonly startedAt: string;
    readonly syncResult?: { readonly revision: string };
  };
}

export interface Application {
  readonly name: string;
  readonly status: () => Promise<ApplicationStatus | undefined>;
  /** Has Argo CD look at git at once, as a webhook does. */
  readonly refresh: () => Promise<void>;
  /** Has it render the chart anew, too, and waits until it has compared the outcome. */
  readonly compareAnew: () => Promise<void>;
  /** Waits until a commit is synced, by an operation that succeeded, and the application's health is this one. */
  readonly reaches: (health: string, commit: string) => Promise<ApplicationStatus>;
}

interface LiveApplication {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status?: ApplicationStatus;
}

/**
 * Creates the Application of docs/argocd.md for a repository and a namespace, whose name it takes.
 *
 * @param argoCd the namespace of Argo CD.
 */
export async function deployApplication(
  argoCd: Namespace,
  repository: string,
  namespace: string,
  syncOptions: readonly string[] = [],
): Promise<Application> {
  const manifest = await documentedManifest("Application");
  manifest.set("metadata", { name: namespace });
  manifest.setIn(["spec", "source", "repoURL"], repository);
  manifest.setIn(["spec", "destination", "namespace"], namespace);
  manifest.setIn(["spec", "syncPolicy", "syncOptions"], syncOptions);
  await argoCd.apply(manifest.toJS());
  const read = () => argoCd.get<LiveApplication>(resource, namespace);
  const refresh = async (kind: "normal" | "hard") =>
    void (await argoCd.kubectl("annotate", "--overwrite", resource, namespace, `${refreshAnnotation}=${kind}`));
  return {
    name: namespace,
    status: async () => (await read()).status,
    refresh: () => refresh("normal"),
    compareAnew: async () => {
      await refresh("hard");
      // Argo CD takes the annotation away when it is done.
      await until("Argo CD has looked again", async () => !(await read()).metadata.annotations?.[refreshAnnotation]);
    },
    reaches: (health, commit) =>
      until(
        `${namespace} is synced to ${commit} and ${health}`,
        async () => {
          const now = (await read()).status;
          return now && isSynced(now, commit) && now.health.status === health && now;
        },
        { timeoutMs: 840_000, intervalMs: 500 },
      ),
  };
}

function isSynced({ sync, operationState }: ApplicationStatus, commit: string): boolean {
  const { phase, syncResult } = operationState ?? {};
  const applied = phase === "Succeeded" && syncResult?.revision === commit;
  return applied && sync.status === "Synced" && sync.revision === commit;
}

/** The first object of a kind on the page docs/argocd.md. */
export async function documentedManifest(kind: string): Promise<Document> {
  const page = await readFile(new URL("../../../docs/argocd.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = ""]) => parseDocument(text));
  const manifest = blocks.find((block) => block.get("kind") === kind);
  if (!manifest) throw new Error(`docs/argocd.md shows no ${kind}`);
  return manifest;
}
