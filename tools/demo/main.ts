import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import {
  type Cluster,
  isLocalClusterUp,
  startLocalCluster,
  stopLocalCluster,
  useExistingCluster,
} from "../environment/cluster.ts";
import { bindNamespace, deleteNamespace } from "../environment/namespace.ts";
import { pushImages } from "../images/push.ts";
import { createNarrator } from "./narrator.ts";
import { runMigrations } from "./run-migrations.ts";
import { playStory } from "./story.ts";

const usage = `Plays the whole story on a real Kubernetes: five releases of a blog under load, one of them broken; then draws a timeline.

  npm run demo                                            on a cluster of its own, built and started where needed
  npm run demo -- --context NAME --registry HOST/PATH     on an existing cluster, whose nodes can pull from the registry
  npm run demo -- --migrations DIR                        runs any folder of SQL files as the Job instead
  npm run demo -- --down                                  removes all that the demo made

  --svg FILE   writes the timeline's SVG into a file, too`;

const demoNamespaces = ["migration-gate-demo", "migration-gate-demo-sql"] as const;

const narrator = createNarrator((text) => process.stdout.write(text));
const log = (line: string) => console.error(line);

try {
  await main();
} catch (error) {
  console.error(error instanceof Error && process.env["DEBUG"] === undefined ? describe(error) : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      context: { type: "string" },
      registry: { type: "string" },
      migrations: { type: "string" },
      svg: { type: "string" },
      down: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const { context, registry } = values;
  if ((context === undefined) !== (registry === undefined)) {
    throw new Error("--context and --registry go together: the images have to get to that cluster's nodes somehow");
  }
  if (values.down) return takeDown(context);

  const cluster = context && registry ? await existingCluster(context, registry) : await startLocalCluster();
  if (values.migrations !== undefined) {
    await runMigrations({ cluster, namespace: demoNamespaces[1], folder: values.migrations, narrator, log });
    return;
  }
  const { page, svg } = await playStory({ cluster, namespace: demoNamespaces[0], narrator, log });
  await writeFile("demo-report.html", page);
  if (values.svg !== undefined) await writeFile(values.svg, svg);
  narrator.fact("the timeline is in demo-report.html; `npm run demo -- --down` removes all");
}

function existingCluster(context: string, registry: string): Promise<Cluster> {
  return useExistingCluster(context, (references) => pushImages(references, registry, log));
}

async function takeDown(context: string | undefined): Promise<void> {
  if (context === undefined) {
    if (await isLocalClusterUp()) narrator.fact("removing the cluster, and the demo with it");
    // Also when nothing runs: a killed `up` may have left something.
    return stopLocalCluster();
  }
  const cluster = await useExistingCluster(context, async (references) => [...references]);
  for (const name of demoNamespaces) await deleteNamespace(bindNamespace(cluster, name));
  narrator.fact(`removed the namespaces ${demoNamespaces.join(" and ")}`);
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? `\n  caused by: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}
