import { join } from "node:path";
import type { Cluster } from "../../tools/environment/cluster.ts";
import { buildDockerfile } from "../../tools/images/build.ts";
import { repositoryRoot } from "../../tools/images/catalogue.ts";

/** Builds an application that is ready whatever the database holds, and brings it to the cluster. */
export async function webImage(cluster: Cluster): Promise<string> {
  const dockerfile = join(repositoryRoot, "test/images/web/Dockerfile");
  const source = { name: "web", version: "1", dockerfile, context: repositoryRoot, buildArguments: {} };
  const [reference = ""] = await cluster.provideImages([await buildDockerfile(source, { log: () => {} })]);
  return reference;
}
