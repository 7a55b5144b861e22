import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { stringify } from "yaml";

export const gateChart = fileURLToPath(new URL("../../charts/migration-gate", import.meta.url));
export const blogChart = fileURLToPath(new URL("../../examples/blog/chart", import.meta.url));

/** A chart as a test spells it; {@link writeChart} makes files of it. */
export interface ChartSource {
  readonly name: string;
  readonly values?: object;
  /** File names below `templates/`. */
  readonly templates?: Readonly<Record<string, string>>;
  readonly dependencies?: readonly Dependency[];
}

export interface Dependency {
  /** The migration-gate chart, or another one. */
  readonly chart: "migration-gate" | ChartSource;
  readonly alias?: string;
}

/** Values without which the gate refuses to be rendered. */
export const gateValues = {
  image: { repository: "registry.example/shop-migrations", tag: "1.4.2" },
  database: { existingSecret: "shop-db-owner" },
};

/** Writes a chart with its dependencies unpacked below `charts/`, and returns its directory. */
export async function writeChart(source: ChartSource, directory?: string): Promise<string> {
  const target = directory ?? join(await temporaryDirectory(), source.name);
  const { name, dependencies = [], values = {}, templates = {} } = source;
  const declared = dependencies.map(({ chart, ...rest }) => ({ name: nameOf(chart), version: "0.1.0", ...rest }));
  const files = {
    "Chart.yaml": stringify({ apiVersion: "v2", name, version: "0.1.0", dependencies: declared }),
    "values.yaml": stringify(values),
    ...Object.fromEntries(Object.entries(templates).map(([file, text]) => [join("templates", file), text])),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), text);
  }
  for (const { chart } of dependencies) {
    const below = join(target, "charts", nameOf(chart));
    if (chart === "migration-gate") await cp(gateChart, below, { recursive: true });
    else await writeChart(chart, below);
  }
  return target;
}

/** A copy of the blog's chart with the gate unpacked below `charts/`, as `helm dependency build` packs it. */
export async function copyBlogChart(): Promise<string> {
  const target = join(await temporaryDirectory(), "blog");
  await cp(blogChart, target, { recursive: true, filter: (file) => !file.endsWith(".tgz") });
  await cp(gateChart, join(target, "charts", "migration-gate"), { recursive: true });
  return target;
}

/**
 * An application with one Deployment whose pod spec is the value `podSpec`, and one gate per alias; each gate's values
 * are complete.
 */
export function application(name: string, aliases: readonly string[], extra: Partial<ChartSource> = {}): ChartSource {
  const scopes = aliases.map((alias) => `(index .Subcharts "${alias}")`).join(" ");
  return {
    name,
    dependencies: aliases.map((alias) => ({
      chart: "migration-gate",
      ...(alias === "migration-gate" ? {} : { alias }),
    })),
    ...extra,
    values: {
      podSpec: { serviceAccountName: "web", containers: [{ name: "web", image: "registry.example/web:1" }] },
      ...Object.fromEntries(aliases.map((alias) => [alias, gateValues])),
      ...extra.values,
    },
    templates: {
      "deployment.yaml": deployment(
        `include "migration-gate.v1.gate" (list ${scopes} .Values.podSpec)`,
        `list ${scopes}`,
      ),
      ...extra.templates,
    },
  };
}

/** A Deployment whose pod spec is what the template expression prints. */
function deployment(podSpec: string, gates: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
spec:
  progressDeadlineSeconds: {{ include "migration-gate.v1.progressDeadlineSeconds" (${gates}) }}
  selector:
    matchLabels: {app: {{ .Chart.Name }}}
  template:
    metadata:
      labels: {app: {{ .Chart.Name }}}
    spec:
      {{- ${podSpec} | nindent 6 }}
`;
}

/** A copy of the gate's own chart, to be changed. */
export async function copyGateChart(): Promise<string> {
  const target = join(await temporaryDirectory(), "migration-gate");
  await cp(gateChart, target, { recursive: true });
  return target;
}

/** A directory that lasts as long as the test file. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "helm-chart-"));
  temporaryDirectories.push(directory);
  return directory;
}

const temporaryDirectories: string[] = [];
afterAll(async () => {
  await Promise.all(temporaryDirectories.map((directory) => rm(directory, { recursive: true })));
});

function nameOf(chart: Dependency["chart"]): string {
  return chart === "migration-gate" ? chart : chart.name;
}
