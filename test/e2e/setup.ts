import type { TestProject } from "vitest/node";
import { type BlogImages, prepareBlog } from "../../tools/environment/blog.ts";
import { isLocalClusterUp, startLocalCluster, stopLocalCluster } from "../../tools/environment/cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    blogImages: BlogImages;
  }
}

/** Starts the cluster, building it first where needed, and brings the images to it. A cluster that was up stays up. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wasUp = await isLocalClusterUp();
  const cluster = await startLocalCluster();
  project.provide("blogImages", await prepareBlog(cluster, (line) => console.error(line)));
  return async () => {
    if (!wasUp) await stopLocalCluster();
  };
}
