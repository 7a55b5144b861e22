import type { Cluster } from "../../tools/environment/cluster.ts";
import { buildImages } from "../../tools/images/build.ts";

/** Brings the migrator's own image, which holds no migrations, to the cluster, and returns its reference. */
export async function provideMigrator(cluster: Cluster): Promise<string> {
  const built = await buildImages(["migrator"], { log: () => {} });
  const [migrator = ""] = await cluster.provideImages([built.get("migrator") ?? ""]);
  return migrator;
}
