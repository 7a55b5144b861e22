import type { TestContext } from "vitest";
import { splitReference } from "../../../tools/environment/blog.ts";
import type { Cluster, HelmMajor } from "../../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../../tools/environment/namespace.ts";
import { dump } from "../dump.ts";
import { ownerSecret } from "./application.ts";
import type { Database, DatabaseServer } from "./database-server.ts";
import { observeRelease, type ReleaseObserver } from "./release-observer.ts";

/** The release `shop` of an application with a gate, in a namespace and with a database of its own, driven as a person would. */
export interface Release extends ReleaseObserver, AsyncDisposable {
  readonly namespace: Namespace;
  readonly database: Database;
  /** Installs or upgrades to the migrations of an image. Rejects where Helm says that it failed. */
  readonly upgrade: (migrations: string, ...flags: string[]) => Promise<void>;
  /** The same, but Helm is interrupted once `signal` aborts. */
  readonly upgradeUntil: (signal: AbortSignal, migrations: string, ...flags: string[]) => Promise<void>;
  /** Any other command of Helm; returns its stdout. */
  readonly helm: (...args: string[]) => Promise<string>;
  /** Puts into the timeline what is done without Helm. */
  readonly note: (text: string) => void;
  /** Prints what was done, when, and all that the namespace has to say. */
  readonly explain: () => Promise<void>;
}

export interface ReleaseSettings {
  readonly cluster: Cluster;
  /** Names the namespace and the database. */
  readonly name: string;
  readonly helm: HelmMajor;
  /** The directory of the application's chart. */
  readonly chart: string;
  readonly server: DatabaseServer;
}

/** A release for one test: deleted after it, and explained before that where the test failed. */
export async function testRelease(test: TestContext, settings: ReleaseSettings): Promise<Release> {
  const release = await openRelease(settings);
  test.onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") await release.explain();
    await release[Symbol.asyncDispose]();
  });
  return release;
}

export async function openRelease(settings: ReleaseSettings): Promise<Release> {
  const { cluster, name, helm: major, server } = settings;
  const namespace = await emptyNamespace(cluster, `e2e-${name}`);
  const database = await server.createDatabase(name);
  await namespace.apply(database.ownerSecret(ownerSecret));
  const started = Date.now();
  const timeline: string[] = [];
  const note = (text: string) => void timeline.push(`+${((Date.now() - started) / 1000).toFixed(1)} s  ${text}`);

  const noted = async (args: string[], run: () => Promise<string>) => {
    note(`helm ${args.join(" ")}`);
    try {
      const output = await run();
      note("done");
      return output;
    } catch (error) {
      note(`failed: ${(error as Error).message}`);
      throw error;
    }
  };
  const helm = (...args: string[]) => noted(args, () => namespace.helm(major, ...args));
  const upgradeTo = (migrations: string, flags: string[]) => {
    const { repository, tag } = splitReference(migrations);
    const image = `migrations.image.repository=${repository},migrations.image.tag=${tag}`;
    return ["upgrade", "--install", "shop", settings.chart, "--set-string", image, ...flags];
  };
  const { state, reaches } = observeRelease(namespace);
  return {
    namespace,
    database,
    upgrade: async (migrations, ...flags) => {
      await helm(...upgradeTo(migrations, flags));
    },
    upgradeUntil: async (signal, migrations, ...flags) => {
      const args = upgradeTo(migrations, flags);
      await noted(args, () => namespace.helmUntil(signal, major, ...args));
    },
    helm,
    state,
    reaches: async (description, isReached, patience) => {
      const reached = await reaches(description, isReached, patience);
      note(description);
      return reached;
    },
    note,
    explain: async () => {
      console.error(`${namespace.name}:\n${timeline.join("\n")}\n`);
      await dump(namespace);
    },
    [Symbol.asyncDispose]: () => deleteNamespace(namespace),
  };
}
