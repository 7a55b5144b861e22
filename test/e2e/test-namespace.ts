import type { TestContext } from "vitest";
import type { Cluster } from "../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { dump } from "./dump.ts";

/** An empty namespace for one test: deleted after it, and shown before that where the test failed. */
export async function testNamespace(test: TestContext, cluster: Cluster, name: string): Promise<Namespace> {
  const namespace = await emptyNamespace(cluster, `e2e-${name}`);
  // One hook for both, because Vitest calls those of onTestFailed after those of onTestFinished.
  test.onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await dump(namespace);
    await deleteNamespace(namespace);
  });
  return namespace;
}
