import type { TestContext } from "vitest";
import type { Cluster } from "../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { dump } from "./dump.ts";

/**
 * Creates a namespace for one test and deletes it after that, whatever became of it; of a failed test it shows first what
 * is there. One hook for both, because hooks of failed tests run after those of finished ones.
 */
export async function temporaryNamespace(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  cluster: Cluster,
  name: string,
): Promise<Namespace> {
  const namespace = await emptyNamespace(cluster, name);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await dump(namespace);
    await deleteNamespace(namespace);
  });
  return namespace;
}
