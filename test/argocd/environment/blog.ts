import { inject } from "vitest";
import type { BlogRelease } from "../../../tools/environment/blog.ts";
import { connectLocalCluster } from "../../../tools/environment/cluster.ts";
import { deployDatabase } from "../../../tools/environment/database.ts";
import {
  bindNamespace,
  deleteNamespace,
  emptyNamespace,
  type Namespace,
} from "../../../tools/environment/namespace.ts";
import { dump } from "../../e2e/dump.ts";
import { type ListedObject, type ReleaseState, releaseKinds, releaseState } from "../../e2e/scenario/release-state.ts";
import { type Application, type ApplicationStatus, deployApplication } from "./application.ts";
import { createGitRepository } from "./git-repository.ts";

/** The blog as Argo CD deploys it, in a namespace of its own. */
export interface SyncedBlog extends AsyncDisposable {
  readonly argoCd: Namespace;
  readonly namespace: Namespace;
  readonly application: Application;
  /** Commits a release, tells Argo CD, and waits until it is synced and the application's health is the given one. */
  readonly release: (release: BlogRelease, health: string, values?: object) => Promise<ApplicationStatus>;
  readonly state: () => Promise<ReleaseState>;
  /** Prints what a person would look at after a failure. */
  readonly explain: () => Promise<void>;
}

/** Prepares a repository, a database and the Application of docs/argocd.md; nothing is released yet. */
export async function prepareBlogForArgoCd(name: string, syncOptions: readonly string[] = []): Promise<SyncedBlog> {
  await using preparing = new AsyncDisposableStack();
  const images = inject("blogImages");
  const cluster = await connectLocalCluster();
  const argoCd = bindNamespace(cluster, "argocd");
  const namespace = await emptyNamespace(cluster, name);
  preparing.defer(() => deleteNamespace(namespace));
  const repository = preparing.use(await createGitRepository(images));
  await deployDatabase(namespace, images.postgres);
  const application = await deployApplication(argoCd, repository.url, name, syncOptions);
  // Before the namespace, whose objects it would create anew.
  preparing.defer(async () => void (await argoCd.kubectl("delete", "applications.argoproj.io", name)));
  const prepared = preparing.move();
  return {
    argoCd,
    namespace,
    application,
    release: async (release, health, values) => {
      const commit = await repository.commit(release, values);
      await application.refresh();
      return application.reaches(health, commit);
    },
    state: async () => releaseState((await namespace.get<{ items: ListedObject[] }>(releaseKinds)).items),
    explain: async () => {
      console.error(JSON.stringify(await application.status(), undefined, 2));
      await dump(namespace);
    },
    [Symbol.asyncDispose]: () => prepared.disposeAsync(),
  };
}
