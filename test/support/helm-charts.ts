import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { type HelmMajor, helm } from "./helm.ts";

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

/** A container that fits the Pod Security profile "restricted". */
export function restrictedContainer(name: string): object {
  const securityContext = {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  return { name, image: `registry.example/${name}:1`, securityContext };
}

/** Values without which the gate refuses to be rendered. */
export const gateValues = {
  image: { repository: "registry.example/shop-migrations", tag: "1.4.2" },
  database: { existingSecret: "shop-db-owner" },
};

/** A value `networkPolicy` with all that it needs. */
export const isolated = {
  enabled: true,
  database: { to: [{ podSelector: { matchLabels: { app: "postgres" } } }] },
  apiServer: { to: [{ ipBlock: { cidr: "192.0.2.1/32" } }] },
};

/** Writes a chart with its dependencies unpacked below `charts/`, and returns its directory. */
export async function writeChart(source: Dependency["chart"], directory?: string): Promise<string> {
  const target = directory ?? join(await temporaryDirectory(), nameOf(source));
  if (source === "migration-gate") {
    await cp(gateChart, target, { recursive: true });
    return target;
  }
  await writeFiles(source, target);
  for (const { chart } of source.dependencies ?? []) await writeChart(chart, join(target, "charts", nameOf(chart)));
  return target;
}

/** Packs a chart as `helm package` does, with its dependencies packed in the same way, and returns the archive. */
export async function packChart(source: Dependency["chart"], major: HelmMajor, directory?: string): Promise<string> {
  const destination = directory ?? (await temporaryDirectory());
  let chart = gateChart;
  if (source !== "migration-gate") {
    chart = join(await temporaryDirectory(), source.name);
    await writeFiles(source, chart);
    for (const dependency of source.dependencies ?? []) {
      await packChart(dependency.chart, major, join(chart, "charts"));
    }
  }
  const said = await helm(major, ["package", chart, "--destination", destination]);
  return said.trim().replace(/^.*saved it to: /s, "");
}

async function writeFiles(source: ChartSource, target: string): Promise<void> {
  const { name, dependencies = [], values = {}, templates = {} } = source;
  const declared = dependencies.map(({ chart, ...rest }) => ({ name: nameOf(chart), version: "0.1.0", ...rest }));
  const files = {
    // JSON is YAML in which an alias called "n" is not taken for "no".
    "Chart.yaml": JSON.stringify({ apiVersion: "v2", name, version: "0.1.0", dependencies: declared }),
    "values.yaml": JSON.stringify(values),
    ...Object.fromEntries(Object.entries(templates).map(([file, text]) => [join("templates", file), text])),
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await writeFile(join(target, file), text);
  }
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
      podSpec: { serviceAccountName: "web", containers: [restrictedContainer("web")] },
      ...Object.fromEntries(aliases.map((alias) => [alias, gateValues])),
      ...extra.values,
    },
    templates: {
      "deployment.yaml": deployment(
        `
      {{- include "migration-gate.v1.gate" (list ${scopes} .Values.podSpec) | nindent 6 }}`,
        `list ${scopes}`,
      ),
      ...extra.templates,
    },
  };
}

/** The same application with one gate, its Deployment spelt with the explicit helpers. */
export function explicitApplication(name: string, alias: string): ChartSource {
  const helper = (helper: string) =>
    `{{- with (index .Subcharts "${alias}") }}{{ include "migration-gate.v1.${helper}" . | nindent 8 }}{{ end }}`;
  const podSpec = `
      automountServiceAccountToken: false
      {{- toYaml .Values.podSpec | nindent 6 }}
      initContainers:
        ${helper("initContainer")}
      volumes:
        ${helper("volume")}`;
  return application(name, [alias], {
    templates: { "deployment.yaml": deployment(podSpec, `index .Subcharts "${alias}"`) },
  });
}

/** A chart that has no templates of its own. */
export function umbrella(...dependencies: readonly Dependency[]): ChartSource {
  return { name: "umbrella", dependencies };
}

/** A Deployment with this pod spec, indented by six spaces. */
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
    spec:${podSpec}
`;
}

/** A copy of the gate's own chart, to be changed. */
export function copyGateChart(): Promise<string> {
  return writeChart("migration-gate");
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
