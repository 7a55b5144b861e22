import type { TestProject } from "vitest/node";
import { type BlogImages, prepareBlog } from "../../tools/environment/blog.ts";
import { shareLocalCluster } from "../../tools/environment/shared-cluster.ts";

declare module "vitest" {
  interface ProvidedContext {
    blogImages: BlogImages;
  }
}

/** Starts the cluster, building it first where needed, and brings the images to it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = (line: string) => console.error(line);
  const shared = await shareLocalCluster(log);
  project.provide("blogImages", await prepareBlog(shared.cluster, log));
  return async () => void (await shared[Symbol.asyncDispose]());
}
