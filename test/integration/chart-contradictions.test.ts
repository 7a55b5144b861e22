import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, refusal, toolsDirectory } from "../support/helm.ts";
import { application, gateValues, writeChart } from "../support/helm-charts.ts";
import { describeRefusals } from "../support/refusals.ts";

const container = { image: "registry.example/proxy:1", restartPolicy: "Always" };
const withParts = {
  ...gateValues,
  database: { host: "db.example", name: "shop", user: "owner", existingSecret: "shop-db-owner" },
};

describe("names and annotations", () => {
  describeRefusals(
    [
      [
        "two overrides",
        "nameOverride",
        "schema",
        "migrations.nameOverride has no effect beside fullnameOverride: remove",
      ],
    ],
    { ...gateValues, fullnameOverride: "schema" },
  );
  describeRefusals([
    [
      "a hook of Helm on everything",
      "commonAnnotations",
      { "helm.sh/hook": "pre-install" },
      "migrations.commonAnnotations",
    ],
    [
      "a hook of Argo CD",
      "job.annotations",
      { "argocd.argoproj.io/hook": "PostSync" },
      "migrations.job.annotations holds argocd.argoproj.io/hook: remove it; PreSync runs before the ledger",
    ],
    [
      "a hook of Argo CD on everything",
      "commonAnnotations",
      { "argocd.argoproj.io/hook": "PreSync" },
      "migrations.commonAnnotations holds argocd.argoproj.io/hook: remove it",
    ],
    [
      "objects that are replaced",
      "commonAnnotations",
      { "argocd.argoproj.io/sync-options": "Prune=false,Replace=true" },
      "remove Replace and Force, which run the migrations again with every sync and empty the ledger",
    ],
    [
      "old Jobs that a sync waits for",
      "job.annotations",
      { "argocd.argoproj.io/sync-options": "PruneLast=true" },
      "remove PruneLast, with which Argo CD does not sync the correction of a failed migration",
    ],
    ["an alias that is no DNS label", "nameOverride", "Schema", "at '/nameOverride'"],
  ]);
});

describe("images", () => {
  describeRefusals([
    [
      "a branch as tag",
      "image.tag",
      "Main",
      'migrations.image.tag is "Main", which can change without a new run: set a tag',
    ],
    ["a channel as tag", "image.tag", "edge", "or migrations.image.digest, or migrations.image.allowMutableTag"],
    ["the waiter's tag stable", "waiter.image.tag", "stable", 'migrations.waiter.image.tag is "stable"'],
    ["a number as global tag", "global", { "migration-gate": { image: { tag: 1.1 } } }, "got number, want string"],
    ["a misspelt global", "global", { "migration-gate": { tag: "1" } }, "additional properties 'tag' not allowed"],
  ]);
});

describe("a database by its parts", () => {
  describeRefusals(
    [
      ["no name", "database.name", "", "migrations.database.name is empty: set it to the database's name"],
      [
        "no role",
        "database.user",
        "",
        "migrations.database.user is empty: set it to the role that may change the schema",
      ],
      ["two roles", "database.userKey", "user", "migrations.database.userKey both name the role: remove one of them"],
      ["a URL beside it", "database.key", "uri", "migrations.database.host stands instead of one: remove one of them"],
      [
        "no Secret",
        "database.existingSecret",
        "",
        'the Secret whose key "password" holds the role\'s password, or set',
      ],
      ["a URL as host", "database.host", "postgres://db/shop", "a URL belongs into a Secret"],
      ["a port in the host", "database.host", "db:6432", "a port into migrations.database.port"],
      ["an unknown sslmode", "database.sslmode", "verify", "at '/database/sslmode'"],
      [
        "a certificate that nothing verifies",
        "database.ca",
        { existingSecret: "ca" },
        'migrations.database.sslmode is "", which never looks at migrations.database.ca: set it to "verify-full"',
      ],
      [
        "a second host",
        "migrate.env",
        [{ name: "PGHOST", value: "db" }],
        "holds the variable PGHOST, which the pod has",
      ],
    ],
    withParts,
  );
  describeRefusals([
    [
      "a part without a host",
      "database.name",
      "shop",
      "migrations.database.name is set without migrations.database.host",
    ],
    ["two certificates", "database.ca", { existingSecret: "ca", existingConfigMap: "ca" }, "both hold the certificate"],
  ]);
});

describe("the pod", () => {
  describeRefusals([
    [
      "the chart's volume",
      "job.volumes",
      [{ name: "report", emptyDir: {} }],
      "job.volumes holds the volume report, which",
    ],
    [
      "a container called record",
      "job.initContainers",
      [{ ...container, name: "record" }],
      "holds the container record",
    ],
    [
      "a container called migrate",
      "job.initContainers",
      [{ ...container, name: "migrate" }],
      "rename it, or remove one",
    ],
    ["a container without a name", "job.initContainers", [container], "missing property 'name'"],
    [
      "the report's mount path",
      "migrate.volumeMounts",
      [{ name: "x", mountPath: "/run/migration-gate" }],
      "migrations.migrate.volumeMounts holds the mount path /run/migration-gate, which the pod has already",
    ],
    [
      "the chart's variable",
      "migrate.env",
      [{ name: "MIGRATOR_IMAGE", value: "x" }],
      "holds the variable MIGRATOR_IMAGE",
    ],
    [
      "a dry run by a variable",
      "migrate.env",
      [{ name: "MIGRATOR_DRY_RUN", value: "true" }],
      "migrations.migrate.env holds MIGRATOR_DRY_RUN, which the chart decides: remove it",
    ],
    [
      "another tool's password in plain text",
      "migrate.env",
      [{ name: "FLYWAY_PASSWORD", value: "hunter2" }],
      "migrations.migrate.env holds FLYWAY_PASSWORD in plain text",
    ],
    [
      "the waiter's own variable",
      "waiter.env",
      [{ name: "WAITER_TIMEOUT", value: "1s" }],
      "migrations.waiter.env holds WAITER_TIMEOUT, which the chart decides: remove it",
    ],
    ["an unknown log level", "waiter.logLevel", "loud", "at '/waiter/logLevel'"],
    ["an unknown DNS policy", "job.dnsPolicy", "default", "at '/job/dnsPolicy'"],
  ]);
});

describe("service accounts", () => {
  describeRefusals([
    [
      "the namespace's own",
      "serviceAccount.name",
      "default",
      'serviceAccount.name is "default", as which every pod without',
    ],
    [
      "the Job's among the readers",
      "waiter.serviceAccountNames",
      ["web", "{{ .Release.Name }}-migrations"],
      "migrations.waiter.serviceAccountNames names shop-migrations, which is the Job's own service account",
    ],
  ]);
});

describe.each(helmMajors)("two gates with Helm %i", (helm) => {
  beforeAll(toolsDirectory, 1_800_000);

  it("refuses one name for both", async () => {
    const chart = await writeChart(application("shop", ["orders", "billing"]));
    const named = { fullnameOverride: "schema" };
    const text = await refusal(chart, { orders: named, billing: named }, { helm });
    expect(text).toContain("two gates have the name schema: give each a nameOverride or fullnameOverride of its own");
  });
});
