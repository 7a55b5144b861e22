import type { TestProject } from "vitest/node";
import { connectLocalCluster } from "../../tools/environment/cluster.ts";
import { setup as setUpBlog } from "../e2e/setup.ts";
import { startArgoCd } from "./environment/argo-cd.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What Argo CD's application controller logs: a file of JSON lines. */
    argoCdControllerLog: string;
  }
}

/** Starts the cluster with the blog's images, and Argo CD for it; builds first what is missing. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using starting = new AsyncDisposableStack();
  starting.defer(await setUpBlog(project));
  const argoCd = starting.use(await startArgoCd(await connectLocalCluster()));
  project.provide("argoCdControllerLog", argoCd.controllerLog);
  const running = starting.move();
  return () => running.disposeAsync();
}
