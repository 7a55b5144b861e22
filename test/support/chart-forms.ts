import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import {
  application,
  type ChartSource,
  type Dependency,
  explicitApplication,
  gateChart,
  gateValues,
  restrictedContainer,
  umbrella,
} from "./helm-charts.ts";

/** One way to use the gate: a chart, its values, and what must come of them. */
export interface ChartForm {
  readonly title: string;
  readonly chart: Dependency["chart"];
  readonly values?: object;
  readonly release?: string;
  /** Names of the Jobs without their identities, in order. */
  readonly gates: readonly string[];
  /** What the pods of each Deployment wait for, in the order of the Deployments. */
  readonly awaited: readonly (readonly string[])[];
  /** The Pod Security profile that the application fits, `restricted` unless said; the gate's own containers fit that always. */
  readonly podSecurity?: "privileged";
}

const longRelease = "a-release-whose-name-is-as-long-as-helm-allows-it-1234".slice(0, 53);
const aliased = application("shop", ["migrations"]);
const twoGates = application("shop", ["migrations", "audit"]);
const [deploymentTemplate = ""] = Object.values(aliased.templates ?? {});

const standalone: ChartForm = {
  title: "the chart alone, as a release of its own",
  chart: "migration-gate",
  values: gateValues,
  release: "schema",
  gates: ["schema"],
  awaited: [],
};

const withOneApplication: readonly ChartForm[] = [
  {
    title: "a plain dependency",
    chart: application("shop", ["migration-gate"]),
    gates: ["shop-migration-gate"],
    awaited: [["shop-migration-gate"]],
  },
  shop("an alias", aliased),
  shop("the explicit helpers", explicitApplication("shop", "migrations")),
  shop("a Deployment two folders below templates/", {
    ...aliased,
    templates: { "web/api/deployment.yaml": deploymentTemplate },
  }),
  {
    ...shop("an application that runs as root", aliased, { securityContext: { runAsUser: 0 } }),
    podSecurity: "privileged",
  },
  shop("an application with a token of its own", aliased, { automountServiceAccountToken: true }),
  shop("an application without a token", aliased, { automountServiceAccountToken: false }),
  shop("an application with volumes and init containers of its own", aliased, {
    volumes: [{ name: "cache", emptyDir: {} }],
    initContainers: [restrictedContainer("warm-up")],
  }),
  {
    ...shop("pull secrets of the application and of the gate", aliased),
    values: {
      podSpec: { imagePullSecrets: [{ name: "apps" }] },
      migrations: { imagePullSecrets: [{ name: "gates" }] },
    },
  },
  {
    ...shop("a gate that is disabled by its own value", aliased),
    values: { migrations: { enabled: false } },
    gates: [],
    awaited: [[]],
  },
  {
    ...shop("a name of one's own", aliased),
    values: { migrations: { fullnameOverride: "orders-schema" } },
    gates: ["orders-schema"],
    awaited: [["orders-schema"]],
  },
  {
    ...shop("the longest release name", aliased),
    release: longRelease,
    gates: ["a-release-whose-name-is-as-long-as-helm-all-46c28bb6"],
    awaited: [["a-release-whose-name-is-as-long-as-helm-all-46c28bb6"]],
  },
];

const withTwoGates: readonly ChartForm[] = [
  {
    title: "two aliases, two databases, one waiter",
    chart: twoGates,
    gates: ["shop-audit", "shop-migrations"],
    awaited: [["shop-migrations", "shop-audit"]],
  },
  {
    title: "two aliases, one of them disabled",
    chart: twoGates,
    values: { migrations: { enabled: false } },
    gates: ["shop-audit"],
    awaited: [["shop-audit"]],
  },
  {
    title: "aliases that are no DNS labels",
    chart: application("shop", ["ordersDb", "orders_db"]),
    gates: ["shop-orders-db-daed8bcf", "shop-ordersdb-7aa49af2"],
    awaited: [["shop-ordersdb-7aa49af2", "shop-orders-db-daed8bcf"]],
  },
];

const inUmbrellas: readonly ChartForm[] = [
  {
    title: "an application in an umbrella",
    chart: umbrella({ chart: application("orders", ["migrations"]) }),
    gates: ["shop-orders-migrations"],
    awaited: [["shop-orders-migrations"]],
  },
  {
    title: "two applications of an umbrella with the same alias",
    chart: umbrella(
      { chart: application("billing", ["migrations"]) },
      { chart: application("orders", ["migrations"]) },
    ),
    gates: ["shop-billing-migrations", "shop-orders-migrations"],
    awaited: [["shop-billing-migrations"], ["shop-orders-migrations"]],
  },
  {
    title: "one application twice in an umbrella, its gate without alias",
    chart: umbrella(
      { chart: application("orders", ["migration-gate"]), alias: "east" },
      { chart: application("orders", ["migration-gate"]), alias: "west" },
    ),
    gates: ["shop-east-migration-gate", "shop-west-migration-gate"],
    awaited: [["shop-east-migration-gate"], ["shop-west-migration-gate"]],
  },
  {
    title: "an application two levels down",
    chart: umbrella({ chart: { name: "middle", dependencies: [{ chart: application("orders", ["migrations"]) }] } }),
    gates: ["shop-middle-orders-migrations"],
    awaited: [["shop-middle-orders-migrations"]],
  },
];

/** Every form that users are told of, the chart's own example values (`ci/*-values.yaml`) among them. */
export const chartForms: readonly ChartForm[] = [
  standalone,
  ...withOneApplication,
  ...withTwoGates,
  ...inUmbrellas,
  ...(await exampleForms()),
];

/** An application called "shop" with the gate "migrations", whose pod spec has these fields in addition. */
function shop(title: string, chart: ChartSource, podSpec: object = {}): ChartForm {
  return { title, chart, values: { podSpec }, gates: ["shop-migrations"], awaited: [["shop-migrations"]] };
}

/** The chart alone with each of its example values. */
async function exampleForms(): Promise<ChartForm[]> {
  const directory = join(gateChart, "ci");
  const files = (await readdir(directory)).filter((file) => file.endsWith("-values.yaml")).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      ...standalone,
      title: `the example values ci/${file}`,
      values: parse(await readFile(join(directory, file), "utf8")),
    })),
  );
}
