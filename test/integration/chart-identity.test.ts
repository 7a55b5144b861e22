import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { helmMajors, refusal, template, toolsDirectory } from "../support/helm.ts";
import { application, copyGateChart, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { type Job, only } from "../support/helm-documents.ts";
import { leafPaths, withValue } from "../support/helm-values.ts";
import { mutableValues } from "../support/mutable-values.ts";

/** With this name given, `serviceAccount.create` alone does not change it. */
const values = { ...gateValues, serviceAccount: { name: "schema" } };
const withParts = {
  ...values,
  database: { host: "db.example", name: "shop", user: "owner", existingSecret: "shop-db-owner" },
};
const withUserKey = withValue(withValue(withParts, "database.user", ""), "database.userKey", "user");
const withoutTag = {
  ...values,
  image: { ...gateValues.image, tag: "" },
  global: { "migration-gate": { image: { tag: "1.4.2" } } },
};

/** Each value that is part of something immutable, with a new value, and what it is new beside. */
const immutable: readonly (readonly [path: string, value: unknown, from?: object])[] = [
  ["fullnameOverride", "schema"],
  ["nameOverride", "schema"],
  ["global.imageRegistry", "mirror.example"],
  ["global.imagePullSecrets", ["registry"]],
  ["global.migration-gate.image.tag", "1.4.3", withoutTag],
  ["image.registry", "mirror.example"],
  ["image.repository", "registry.example/other-migrations"],
  ["image.tag", "1.4.3"],
  ["image.digest", `sha256:${"a".repeat(64)}`],
  ["image.pullPolicy", "Always"],
  ["imagePullSecrets", [{ name: "registry" }]],
  ["files.inline", { "0001_posts.sql": "create table posts ();" }],
  ["files", { existingConfigMap: "posts", checksum: "5".repeat(64) }],
  ["database.existingSecret", "other-owner"],
  ["database.key", "uri"],
  ["database.host", "db2.example", withParts],
  ["database.port", 6432, withParts],
  ["database.name", "orders", withParts],
  ["database.user", "other_owner", withParts],
  ["database.userKey", "role", withUserKey],
  ["database.passwordKey", "pw", withParts],
  ["database.sslmode", "verify-full"],
  ["database.ca.existingSecret", "ca"],
  ["database.ca.existingConfigMap", "ca"],
  ["database.ca.key", "root.pem", withValue(values, "database.ca.existingSecret", "ca")],
  // Another tool's values say something only together.
  ["migrate", { tool: "other", command: ["flyway"], args: ["migrate"], permanentExitCodes: [] }],
  ["migrate.extraArgs", ["--lock-timeout=5s"]],
  ["migrate.waitBudgetSeconds", 200],
  ["migrate.permanentExitCodes", [2, 3]],
  ["migrate.env", [{ name: "PGAPPNAME", value: "migrations" }]],
  ["migrate.envFrom", [{ configMapRef: { name: "settings" } }]],
  ["migrate.volumeMounts", [{ name: "ca", mountPath: "/ca" }]],
  ["migrate.resources", { limits: { memory: "1Gi" } }],
  ["migrate.securityContext", { runAsUser: 1000 }],
  ["job.rerunToken", "restored on Tuesday"],
  ["job.podAnnotations", { "sidecar.istio.io/inject": "true" }],
  ["job.podLabels", { team: "shop" }],
  ["job.volumes", [{ name: "ca", secret: { secretName: "ca" } }]],
  ["job.initContainers", [{ name: "proxy", image: "registry.example/proxy:1", restartPolicy: "Always" }]],
  ["job.podSecurityContext", { fsGroup: 1000 }],
  ["job.topologySpreadConstraints", [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }]],
  ["job.runtimeClassName", "gvisor"],
  ["job.schedulerName", "batch"],
  ["job.dnsPolicy", "Default"],
  ["job.dnsConfig", { nameservers: ["192.0.2.1"] }],
  ["job.hostAliases", [{ ip: "192.0.2.1", hostnames: ["db"] }]],
  ["job.nodeSelector", { "kubernetes.io/arch": "arm64" }],
  ["job.tolerations", [{ key: "batch", operator: "Exists" }]],
  ["job.affinity", { nodeAffinity: {} }],
  ["job.priorityClassName", "batch"],
  ["job.terminationGracePeriodSeconds", 120],
  ["waiter.image.registry", "mirror.example"],
  ["waiter.image.repository", "other/waiter"],
  ["waiter.image.tag", "9.9.9"],
  ["waiter.image.digest", `sha256:${"b".repeat(64)}`],
  ["waiter.image.pullPolicy", "Always"],
  ["waiter.logLevel", "debug"],
  ["waiter.env", [{ name: "NODE_OPTIONS", value: "--use-openssl-ca" }]],
  ["waiter.resources", { limits: { memory: "256Mi" } }],
  ["waiter.securityContext", { runAsUser: 1000 }],
  ["serviceAccount.name", "migrator"],
];

beforeAll(toolsDirectory, 1_800_000);

async function renderJob(changed: object, helm: 3 | 4, args: readonly string[] = []): Promise<Job> {
  return only((await template(gateChart, changed, { helm, args })).documents, "Job");
}

it("every value is listed here as part of the identity or not", async () => {
  const defaults: unknown = parse(await readFile(join(gateChart, "values.yaml"), "utf8"));
  const listed = [...immutable, ...mutableValues].map(([path]) => path);
  const unlisted = leafPaths(defaults).filter((leaf) => !listed.some((path) => `${leaf}.`.startsWith(`${path}.`)));
  expect(unlisted).toEqual(["enabled"]);
});

describe.each(helmMajors)("Helm %i", (helm) => {
  let original: Job;
  beforeAll(async () => {
    original = await renderJob(values, helm);
  });

  it("is ten digits of the hash of the immutable fields and the token, and of nothing else", async () => {
    const job = await renderJob({ ...values, job: { rerunToken: "again" } }, helm);
    const identity = job.metadata.name.slice(-10);
    const text = JSON.stringify(job.spec.template).replace(`--identity=${identity}`, "--identity=");
    const { podFailurePolicy } = job.spec;
    const hashed = sortKeys({ template: JSON.parse(text), podFailurePolicy, rerunToken: "again" });
    expect(createHash("sha256").update(JSON.stringify(hashed)).digest("hex").slice(0, 10)).toBe(identity);
  });

  it.each(immutable.map(([path, value, from]) => ({ path, value, from })))(
    "another $path is another Job",
    async (row) => {
      const { path, value, from } = row;
      const before = from ? await renderJob(from, helm) : original;
      const job = await renderJob(withValue(from ?? values, path, value), helm);
      expect(job.metadata.name).not.toBe(before.metadata.name);
    },
  );

  it.each(mutableValues)("another %s is the same Job", async (path, value) => {
    const job = await renderJob(withValue(values, path, value), helm);
    expect(job.metadata.name).toBe(original.metadata.name);
    expect(job.spec.template).toEqual(original.spec.template);
    expect(job.spec["podFailurePolicy"]).toEqual(original.spec["podFailurePolicy"]);
  });

  it("is the same for an upgrade, for another Kubernetes, and for a value given by --set", async () => {
    const variants = [["--is-upgrade"], ["--kube-version", "1.29.0"], ["--set", "migrate.waitBudgetSeconds=300"]];
    for (const args of variants) expect(await renderJob(values, helm, args)).toEqual(original);
  });

  it("is the same for another version of the chart that renders the same pod", async () => {
    const chart = await copyGateChart();
    const metadata = join(chart, "Chart.yaml");
    await writeFile(metadata, (await readFile(metadata, "utf8")).replace("version: 0.1.0", "version: 0.1.1"));
    const job = only((await template(chart, values, { helm })).documents, "Job");
    expect(job.metadata.labels?.["helm.sh/chart"]).toBe("migration-gate-0.1.1");
    expect(job.metadata.name).toBe(original.metadata.name);
  });
});

describe.each(helmMajors)("identity drift with Helm %i", (helm) => {
  const shop = application("shop", ["migrations"]);
  const { "deployment.yaml": deployment = "" } = shop.templates ?? {};
  const setTag = '{{- $_ := set .Values.migrations.image "tag" "9.9.9" }}\n';

  it.each([
    ["the template that asks for the gate", { "deployment.yaml": setTag + deployment }],
    ["a template rendered before it", { "service.yaml": setTag, "deployment.yaml": deployment }],
  ])("fails where the tag is set in %s", async (_, templates) => {
    const chart = await writeChart({ ...shop, templates });
    const message = await refusal(chart, {}, { helm });
    expect(message).toMatch(/migrations: identity drift: .* do not change \.Values in templates/);
  });

  it("fails where a helper draws random text", async () => {
    const chart = await writeChart(shop);
    const random = { migrations: { database: { existingSecret: "{{ randAlphaNum 8 | lower }}" } } };
    expect(await refusal(chart, random, { helm })).toContain("identity drift");
  });
});

it("a template in a value sees the release's name and not its revision", async () => {
  const named = withValue(values, "database.existingSecret", "{{ .Release.Name }}-{{ .Release.Revision }}owner");
  const env = (await renderJob(named, 4)).spec.template.spec.containers[0]?.env;
  expect(env?.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)).toContain("shop-owner");
});

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, nested]) => [key, sortKeys(nested)]));
}
