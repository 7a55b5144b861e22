import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Cluster } from "../../../tools/environment/cluster.ts";
import { buildDockerfile, buildImages } from "../../../tools/images/build.ts";

/** References of what the benchmark runs and weighs. */
export interface BenchImages {
  readonly waiter: string;
  readonly migrator: string;
  readonly migrations: string;
  readonly postgres: string;
  /** The waiter's with kubectl and a shell, so that all contestants start from one image. */
  readonly contestants: string;
}

/** Builds the images and brings those that pods run to the cluster. */
export async function provideBenchImages(cluster: Cluster, log: (line: string) => void): Promise<BenchImages> {
  const built = await buildImages(["waiter", "migrator", "blog-migrations-v1", "postgres"], { log });
  const [waiter = "", migrator = "", migrations = "", postgres = ""] = built.values();
  const contestants = await buildContestants(cluster, waiter, log);
  await cluster.provideImages([waiter, migrations, postgres, contestants]);
  return { waiter, migrator, migrations, postgres, contestants };
}

async function buildContestants(cluster: Cluster, waiter: string, log: (line: string) => void): Promise<string> {
  const context = await mkdtemp(join(tmpdir(), "migration-gate-context-"));
  try {
    await copyFile(cluster.kubectl, join(context, "kubectl"));
    await chmod(join(context, "kubectl"), 0o755);
    const dockerfile = fileURLToPath(new URL("Dockerfile", import.meta.url));
    const buildArguments = { WAITER_IMAGE: waiter };
    return await buildDockerfile({ name: "bench-waiter", version: "1", dockerfile, context, buildArguments }, { log });
  } finally {
    await rm(context, { recursive: true });
  }
}
