import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { Cluster } from "../../tools/environment/cluster.ts";
import { buildDockerfile } from "../../tools/images/build.ts";
import { repositoryRoot } from "../../tools/images/catalogue.ts";
import { stageMigrations } from "../../tools/images/stage-migrations.ts";
import { layouts } from "../bench/migrator/layouts.ts";
import type { Layout } from "../bench/migrator/tool.ts";
import { gateChart } from "../support/helm-charts.ts";
import { flywayProgram, goProgram } from "./tool-programs.ts";

export type ToolName = "golang-migrate" | "goose" | "flyway";

interface ToolSource {
  readonly dockerfile: string;
  readonly program: () => Promise<string>;
  readonly layout: Layout;
}

const sources: Readonly<Record<ToolName, ToolSource>> = {
  "golang-migrate": {
    dockerfile: "go-tool.Dockerfile",
    program: () => goProgram("migrate"),
    layout: layouts.golangMigrate,
  },
  goose: { dockerfile: "go-tool.Dockerfile", program: () => goProgram("goose"), layout: layouts.goose },
  flyway: { dockerfile: "flyway/Dockerfile", program: flywayProgram, layout: layouts.flyway },
};

/**
 * Builds one image for each set of migrations, given as the SQL of its files in order, and brings them to the cluster.
 *
 * @returns their references, in the same order.
 */
export async function toolImages(
  cluster: Cluster,
  name: ToolName,
  sets: readonly (readonly string[])[],
): Promise<string[]> {
  const { dockerfile, program, layout } = sources[name];
  const log = () => {};
  const tool = await buildDockerfile(
    {
      name,
      version: "tool",
      dockerfile: join(repositoryRoot, "test/images/other-tools", dockerfile),
      context: await program(),
      buildArguments: {},
    },
    { log },
  );
  const references: string[] = [];
  for (const [index, set] of sets.entries()) {
    await using context = await stageSet(set, layout);
    const source = {
      name,
      version: `set-${index + 1}`,
      dockerfile: join(repositoryRoot, "examples/blog/Dockerfile.migrations"),
      context: context.path,
      buildArguments: { MIGRATOR_IMAGE: tool },
    };
    references.push(await buildDockerfile(source, { log }));
  }
  return cluster.provideImages(references);
}

/** The gate's values for the tool, as the chart's own example has them. */
export async function toolValues(name: ToolName): Promise<Readonly<Record<string, object>>> {
  return parse(await readFile(join(gateChart, "ci", `${name}-values.yaml`), "utf8"));
}

async function stageSet(set: readonly string[], layout: Layout): ReturnType<typeof stageMigrations> {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  try {
    for (const [index, sql] of set.entries()) {
      const migration = { name: `step_${index + 1}`, transactional: true, sql: () => sql };
      const { path, content } = layout(index + 1, migration);
      await writeFile(join(folder, path), content);
    }
    return await stageMigrations([folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}
