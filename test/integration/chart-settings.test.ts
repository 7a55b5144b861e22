import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { application, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { type Container, flag, type KubernetesObject, only } from "../support/helm-documents.ts";

const secret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  async function render(values: object): Promise<readonly KubernetesObject[]> {
    return (await template(gateChart, { ...gateValues, ...values }, { helm })).documents;
  }

  async function renderJob(values: object) {
    const job = only(await render(values), "Job");
    const { spec } = job.spec.template;
    const named = (name: string) => [...spec.containers, ...(spec.initContainers ?? [])].find((c) => c.name === name);
    return { job, spec, migrate: named("migrate"), record: named("record") };
  }

  it("gives the migrator libpq's variables where the database is given by its parts", async () => {
    const parts = { host: "{{ .Release.Name }}-db", name: "shop", user: "owner", existingSecret: "owner" };
    const { migrate } = await renderJob({ database: { ...parts, sslmode: "require" } });
    expect(variables(migrate)).toEqual([
      { name: "PGHOST", value: "shop-db" },
      { name: "PGPORT", value: "5432" },
      { name: "PGDATABASE", value: "shop" },
      { name: "PGUSER", value: "owner" },
      { name: "PGPASSWORD", ...secret("owner", "password") },
      { name: "PGSSLMODE", value: "require" },
    ]);
  });

  it("takes the role's name from the Secret, or no password at all", async () => {
    const parts = { host: "db", name: "shop", port: 6432 };
    const named = { ...parts, existingSecret: "{{ .Release.Name }}-owner", userKey: "username", passwordKey: "pw" };
    expect(variables((await renderJob({ database: named })).migrate)).toEqual([
      { name: "PGHOST", value: "db" },
      { name: "PGPORT", value: "6432" },
      { name: "PGDATABASE", value: "shop" },
      { name: "PGUSER", ...secret("shop-owner", "username") },
      { name: "PGPASSWORD", ...secret("shop-owner", "pw") },
    ]);
    const trusted = { ...parts, existingSecret: "", user: "owner", passwordKey: "" };
    const names = variables((await renderJob({ database: trusted })).migrate).map(({ name }) => name);
    expect(names).toEqual(["PGHOST", "PGPORT", "PGDATABASE", "PGUSER"]);
  });

  it.each([
    ["Secret", { existingSecret: "{{ .Release.Name }}-ca" }, { secret: { secretName: "shop-ca" } }],
    ["ConfigMap", { existingConfigMap: "shop-ca", key: "root.pem" }, { configMap: { name: "shop-ca" } }],
  ])("mounts the authority's certificate from a %s into migrate alone", async (_, ca, source) => {
    const { spec, migrate, record } = await renderJob({ database: { ...gateValues.database, ca } });
    const [kind = "", reference] = Object.entries(source)[0] ?? [];
    const items = [{ key: "key" in ca ? ca.key : "ca.crt", path: "ca.crt" }];
    expect(spec.volumes).toContainEqual({ name: "database-ca", [kind]: { ...reference, items } });
    expect(migrate?.volumeMounts).toContainEqual({
      name: "database-ca",
      mountPath: "/run/database-ca",
      readOnly: true,
    });
    expect(variables(migrate)).toContainEqual({ name: "PGSSLROOTCERT", value: "/run/database-ca/ca.crt" });
    expect(record?.volumeMounts?.map(({ name }) => name)).not.toContain("database-ca");
  });

  it("starts further init containers after record, before migrate", async () => {
    const proxy = { name: "proxy", image: "registry.example/proxy:1", restartPolicy: "Always" };
    const { spec } = await renderJob({ job: { initContainers: [proxy] } });
    expect(spec.initContainers?.map(({ name }) => name)).toEqual(["record", "proxy"]);
    expect(spec.initContainers?.[1]).toEqual(proxy);
  });

  it("hands the settings of the pod on, and leaves out what is not set", async () => {
    const settings = {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
      runtimeClassName: "gvisor",
      schedulerName: "batch",
      dnsPolicy: "None",
      dnsConfig: { nameservers: ["192.0.2.1"], options: [{ name: "ndots", value: "1" }] },
      hostAliases: [{ ip: "192.0.2.2", hostnames: ["db"] }],
    };
    const { spec } = await renderJob({ job: { ...settings, podSecurityContext: { fsGroup: 1000 } } });
    expect(spec).toMatchObject({ ...settings, securityContext: { fsGroup: 1000 } });
    expect(Object.keys((await renderJob({})).spec).toSorted()).toEqual([
      "automountServiceAccountToken",
      "containers",
      "enableServiceLinks",
      "initContainers",
      "restartPolicy",
      "serviceAccountName",
      "terminationGracePeriodSeconds",
      "volumes",
    ]);
  });

  it("creates the Job suspended, and the same Job when it is resumed", async () => {
    const [suspended, resumed] = [await renderJob({ job: { suspend: true } }), await renderJob({})];
    expect(suspended.job.spec["suspend"]).toBe(true);
    expect(resumed.job.spec).not.toHaveProperty("suspend");
    expect(suspended.job.metadata.name).toBe(resumed.job.metadata.name);
  });

  it("sets log level and environment of the waiter in both pods", async () => {
    const env = [{ name: "NODE_EXTRA_CA_CERTS", value: "/ca.crt" }];
    const chart = await writeChart(application("shop", ["migrations"]));
    const { documents } = await template(chart, { migrations: { waiter: { logLevel: "debug", env } } }, { helm });
    for (const kind of ["Job", "Deployment"] as const) {
      const [waiter] = only(documents, kind).spec.template.spec.initContainers ?? [];
      expect(flag(waiter, "log-level")).toBe("debug");
      expect(waiter?.env).toContainEqual(env[0]);
    }
    expect(flag((await renderJob({})).record, "log-level")).toBeUndefined();
  });

  it("annotates and labels every object but the pods, the object's own words first", async () => {
    const documents = await render({
      commonAnnotations: { "app.example/owner": "shop", "app.example/on-call": "all" },
      job: { annotations: { "app.example/owner": "schema" } },
      serviceAccount: { labels: { team: "shop" }, annotations: { "iam.example/role": "owner" } },
    });
    for (const { metadata } of documents) expect(metadata.annotations?.["app.example/on-call"]).toBe("all");
    const job = only(documents, "Job");
    expect(job.metadata.annotations?.["app.example/owner"]).toBe("schema");
    expect(job.spec.template.metadata.annotations).not.toHaveProperty("app.example/on-call");
    const account = only(documents, "ServiceAccount").metadata;
    expect(account.labels).toMatchObject({ team: "shop", "app.kubernetes.io/name": "migration-gate" });
    expect(account.annotations).toMatchObject({ "iam.example/role": "owner", "app.example/owner": "shop" });
  });

  it("puts the name override in the alias's place", async () => {
    expect(only(await render({ nameOverride: "schema" }), "ConfigMap").metadata.name).toBe("shop-schema-ledger");
    const chart = await writeChart(application("shop", ["migrations"]));
    const { documents } = await template(chart, { migrations: { nameOverride: "schema" } }, { helm });
    expect(only(documents, "ConfigMap").metadata.name).toBe("shop-schema-ledger");
  });

  it("renders further objects, with templates in them, and none of a disabled gate", async () => {
    const name = '{{ include "migration-gate.v1.fullname" . }}-settings';
    const extraObjects = [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name } },
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Namespace }}-text\n",
    ];
    const names = (await render({ extraObjects })).map(({ metadata }) => metadata.name);
    expect(names).toEqual(expect.arrayContaining(["shop-settings", "apps-text"]));
    expect(await render({ extraObjects, enabled: false })).toEqual([]);
  });
});

/** The environment of `migrate`, without the image's name that is always there. */
function variables(container: Container | undefined) {
  return (container?.env ?? []).filter(({ name }) => name !== "MIGRATOR_IMAGE");
}
