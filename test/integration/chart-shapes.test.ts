import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { helmMajors, type Rendered, template, toolsDirectory } from "../support/helm.ts";
import { application, type ChartSource, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { allOf, awaited, type KubernetesObject, only } from "../support/helm-documents.ts";

interface Shape {
  readonly title: string;
  readonly chart: ChartSource;
  readonly values?: object;
  readonly release?: string;
  /** Names of the Jobs without their identities. */
  readonly gates: readonly string[];
  /** What each Deployment waits for; by default each gate has its own. */
  readonly awaited?: readonly (readonly string[])[];
}

const longRelease = "a-release-whose-name-is-as-long-as-helm-allows-it-1234";
const aliased = application("shop", ["migrations"]);
const [deploymentTemplate = ""] = Object.values(aliased.templates ?? {});

const shapes: readonly Shape[] = [
  { title: "a plain dependency", chart: application("shop", ["migration-gate"]), gates: ["shop-migration-gate"] },
  { title: "an alias", chart: aliased, gates: ["shop-migrations"] },
  {
    title: "two aliases, two databases, one waiter",
    chart: application("shop", ["migrations", "audit"]),
    gates: ["shop-audit", "shop-migrations"],
    awaited: [["shop-migrations", "shop-audit"]],
  },
  {
    title: "two applications of an umbrella with the same alias",
    chart: umbrella(
      { chart: application("billing", ["migrations"]) },
      { chart: application("orders", ["migrations"]) },
    ),
    gates: ["shop-billing-migrations", "shop-orders-migrations"],
  },
  {
    title: "one application twice in an umbrella, its gate without alias",
    chart: umbrella(
      { chart: application("orders", ["migration-gate"]), alias: "east" },
      { chart: application("orders", ["migration-gate"]), alias: "west" },
    ),
    gates: ["shop-east-migration-gate", "shop-west-migration-gate"],
  },
  {
    title: "an application two levels down",
    chart: umbrella({ chart: { name: "middle", dependencies: [{ chart: application("orders", ["migrations"]) }] } }),
    gates: ["shop-middle-orders-migrations"],
  },
  {
    title: "a name of one's own",
    chart: aliased,
    values: { migrations: { fullnameOverride: "orders-schema" } },
    gates: ["orders-schema"],
  },
  {
    title: "the longest release name",
    chart: aliased,
    release: longRelease.slice(0, 53),
    gates: ["a-release-whose-name-is-as-long-as-helm-all-46c28bb6"],
  },
  {
    title: "an alias that is no DNS label",
    chart: application("shop", ["ordersDb", "orders_db"]),
    gates: ["shop-orders-db-daed8bcf", "shop-ordersdb-7aa49af2"],
    awaited: [["shop-ordersdb-7aa49af2", "shop-orders-db-daed8bcf"]],
  },
  {
    title: "a Deployment two folders below templates/",
    chart: { ...aliased, templates: { "web/api/deployment.yaml": deploymentTemplate } },
    gates: ["shop-migrations"],
  },
];

beforeAll(toolsDirectory, 1_800_000);

describe.each(shapes)("$title", ({ chart, values = {}, release = "shop", gates, awaited: expected }) => {
  const renders: Rendered[] = [];

  beforeAll(async () => {
    const directory = await writeChart(chart);
    for (const helm of [...helmMajors, ...helmMajors]) {
      renders.push(await template(directory, values, { helm, release }));
    }
  });

  it("waits for exactly the Jobs that exist", () => {
    for (const { documents } of renders) {
      expect(allOf(documents, "Job").map(nameWithoutIdentity)).toEqual(gates);
      const waits = allOf(documents, "Deployment").map((deployment) => {
        return awaited(deployment.spec.template.spec.initContainers?.[0]);
      });
      const byGate = waits.map((gatesOfPod) => gatesOfPod.map(({ job }) => job.slice(0, -11)));
      expect(byGate).toEqual(expected ?? gates.map((gate) => [gate]));
      for (const { job, ledger, identity } of waits.flat()) {
        expect(job.endsWith(`-${identity}`)).toBe(true);
        expect(only(documents, "Job", job).kind).toBe("Job");
        expect(only(documents, "ConfigMap", ledger).kind).toBe("ConfigMap");
      }
    }
  });

  it("gives every object a name of its own that Kubernetes accepts", () => {
    for (const { documents } of renders) {
      const names = documents.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { metadata } of documents) expect(metadata.name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      for (const { spec } of allOf(documents, "Deployment")) {
        const { initContainers = [], volumes = [] } = spec.template.spec;
        for (const { name } of [...initContainers, ...volumes]) expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
      }
    }
  });

  it("is the same in every render and with both majors of Helm", () => {
    const [first] = renders;
    for (const render of renders) {
      expect(serialised(render.documents)).toEqual(serialised(first?.documents ?? []));
      expect(rawJobs(render.text)).toEqual(rawJobs(first?.text ?? ""));
      expect(rawJobs(render.text)).toHaveLength(gates.length);
    }
  });
});

describe.each(helmMajors)("Helm %i", (helm) => {
  it("renders the chart alone, as a release of its own", async () => {
    const { documents } = await template(gateChart, gateValues, { helm, release: "schema" });
    expect(nameWithoutIdentity(only(documents, "Job"))).toBe("schema");
    expect(only(documents, "ConfigMap").metadata.name).toBe("schema-ledger");
  });

  it("renders nothing and changes nothing where the gate is disabled", async () => {
    const chart = await writeChart(aliased);
    const { documents } = await template(chart, { migrations: { enabled: false } }, { helm });
    expect(documents.map(({ kind }) => kind)).toEqual(["Deployment"]);
    const { spec } = only(documents, "Deployment");
    expect(spec.template.spec).toEqual((aliased.values as { podSpec: object }).podSpec);
    expect(spec.progressDeadlineSeconds).toBe(600);
  });
});

function umbrella(...dependencies: NonNullable<ChartSource["dependencies"]>): ChartSource {
  return { name: "umbrella", dependencies };
}

function nameWithoutIdentity({ metadata }: KubernetesObject): string {
  expect(metadata.name).toMatch(/-[0-9a-f]{10}$/);
  return metadata.name.slice(0, -11);
}

function serialised(documents: readonly KubernetesObject[]): string[] {
  return documents.map((document) => stringify(document, { sortMapEntries: true })).toSorted();
}

/** The text of the Jobs; between documents the majors differ in blank lines. */
function rawJobs(text: string): string[] {
  return text
    .split(/^---$/m)
    .filter((document) => /^kind: Job$/m.test(document))
    .map((document) => document.trim())
    .toSorted();
}
