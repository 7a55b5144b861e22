import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, refusal, template, toolsDirectory } from "../support/helm.ts";
import { application, type ChartSource, copyGateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { describeRefusals } from "../support/refusals.ts";

const secret = { valueFrom: { secretKeyRef: { name: "owner", key: "url" } } };

describeRefusals([
  ["no repository", "image.repository", "", "migrations.image.repository is empty: set it to the image"],
  ["no tag", "image.tag", "", "migrations.image.tag is empty: set it (or migrations.image.digest, or global"],
  [
    "the tag latest",
    "image.tag",
    "latest",
    'migrations.image.tag is "latest", which can change without a new run: set a',
  ],
  ["the waiter's tag latest", "waiter.image.tag", "latest", 'migrations.waiter.image.tag is "latest"'],
  [
    "a tag in the repository",
    "image.repository",
    "a/b:1",
    "put it into migrations.image.tag or migrations.image.digest",
  ],
  [
    "no Secret",
    "database.existingSecret",
    "",
    'migrations.database.existingSecret is empty: set it to the Secret whose key "url"',
  ],
  [
    "a URL in plain text",
    "migrate.env",
    [{ name: "PGPASSWORD", value: "hunter2" }],
    "migrations.migrate.env holds PGPASSWORD in plain text: put it into a Secret",
  ],
  [
    "two URLs",
    "migrate.env",
    [{ name: "DATABASE_URL", ...secret }],
    "migrations.migrate.env holds the variable DATABASE_URL, which the pod has already",
  ],
  [
    "too little time for the attempts",
    "job.activeDeadlineSeconds",
    1800,
    "migrations.job.activeDeadlineSeconds (1800) does not leave room for 4 attempts that wait 300 s each: set it above 1800",
  ],
  ["too many attempts", "job.backoffLimit", 10, "for 11 attempts that wait 300 s each: set it above 3900"],
  ["too patient attempts", "migrate.waitBudgetSeconds", 900, "for 4 attempts that wait 900 s each: set it above 4200"],
  [
    "an impatient waiter",
    "waiter.timeoutSeconds",
    3600,
    "migrations.waiter.timeoutSeconds (3600) ends before the Job does: set it above job.activeDeadlineSeconds (3600)",
  ],
  ["a hasty TTL", "job.ttlSecondsAfterFinished", 599, "set at least 600, or leave it unset"],
  ["a TTL of 0", "job.ttlSecondsAfterFinished", 0, "set at least 600, or leave it unset"],
  [
    "a hook",
    "job.annotations",
    { "helm.sh/hook": "pre-upgrade" },
    "migrations.job.annotations holds helm.sh/hook: remove it",
  ],
  ["a kept Job", "job.annotations", { "helm.sh/resource-policy": "keep" }, "a kept Job breaks `helm rollback`"],
  ["no service account", "serviceAccount", { create: false }, "migrations.serviceAccount.name is empty while"],
  [
    "a dry run",
    "migrate.extraArgs",
    ["--dry-run"],
    "migrations.migrate.extraArgs holds --dry-run, which the chart decides",
  ],
  ["a second budget", "migrate.extraArgs", ["--wait-budget=1h"], "remove it and set migrate.waitBudgetSeconds"],
  // From here on it is the schema that refuses.
  ["a misspelt section", "imag", { tag: "1" }, "additional properties 'imag' not allowed"],
  ["a misspelt value", "job.backofLimit", 1, "additional properties 'backofLimit' not allowed"],
  ["a number as tag", "image.tag", 1.1, "at '/image/tag': got number, want string"],
  ["text as number", "job.backoffLimit", "3", "at '/job/backoffLimit': got string, want integer"],
  ["an unset limit", "job.activeDeadlineSeconds", null, "at '/job': missing property 'activeDeadlineSeconds'"],
  ["an unset section", "migrate", null, "missing property 'migrate'"],
  ["a digest that is none", "image.digest", "sha256:abc", "at '/image/digest'"],
  [
    "a name over 52 characters",
    "fullnameOverride",
    "x".repeat(53),
    "at '/fullnameOverride': maxLength: got 53, want 52",
  ],
  ["a name that is no DNS label", "fullnameOverride", "Orders", "at '/fullnameOverride'"],
  ["an exit code that means success", "migrate.permanentExitCodes", [0], "at '/migrate/permanentExitCodes/0'"],
  [
    "a label that is no text",
    "job.podLabels",
    { canary: true },
    "at '/job/podLabels/canary': got boolean, want string",
  ],
  ["the chart's own note", "_identity", "0123456789", "additional properties '_identity' not allowed"],
]);

let chart: string;

beforeAll(async () => {
  await toolsDirectory();
  chart = await writeChart(application("shop", ["migrations"]));
}, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  it("names all problems at once", async () => {
    const text = await refusal(chart, { migrations: { image: { repository: "", tag: "latest" } } }, { helm });
    expect(text).toContain("migrations cannot be rendered:\n- migrations.image.repository is");
    expect(text).toContain('\n- migrations.image.tag is "latest"');
  });

  it.each([
    ["a connection from the environment", { env: [{ name: "DATABASE_URL_FILE", value: "/owner/url" }] }],
    [
      "a connection from libpq's variables",
      {
        env: [
          { name: "PGHOST", value: "db" },
          { ...secret, name: "PGPASSWORD" },
        ],
      },
    ],
    ["a connection from a whole Secret", { envFrom: [{ secretRef: { name: "owner" } }] }],
  ])("accepts %s", async (_, migrate) => {
    const migrations = { ...gateValues, database: { existingSecret: "" }, migrate };
    expect((await template(chart, { migrations }, { helm })).documents).not.toEqual([]);
  });

  it("accepts the tag latest beside a digest", async () => {
    const image = { tag: "latest", digest: `sha256:${"a".repeat(64)}` };
    expect((await template(chart, { migrations: { image } }, { helm })).documents).not.toEqual([]);
  });

  it("says where to move a template that Helm renders before the gate", async () => {
    const shop = application("shop", ["migrations"]);
    const deep = { "a/b/c/deployment.yaml": shop.templates?.["deployment.yaml"] ?? "" };
    const text = await refusal(await writeChart({ ...shop, templates: deep }), {}, { helm });
    expect(text).toContain("because it lies too deep: move it to at most two folders below templates/");
  });

  it("refuses Kubernetes without native sidecars", async () => {
    const gate = await copyGateChart();
    const text = await refusal(gate, gateValues, { helm, args: ["--kube-version", "1.28.9"] });
    expect(text).toContain("chart requires kubeVersion: >=1.29.0-0");
  });
});

describe("one application twice in an umbrella, its gate with an alias", () => {
  const orders = application("orders", ["migrations"]);
  const umbrella: ChartSource = {
    name: "umbrella",
    dependencies: [
      { chart: orders, alias: "east" },
      { chart: orders, alias: "west" },
    ],
  };

  it("is refused by name with Helm 3, which loses the second one's values", async () => {
    const text = await refusal(await writeChart(umbrella), {}, { helm: 3 });
    expect(text).toContain("Helm 3 loses the values of an aliased migration-gate");
    expect(text).toContain("remove the gate's alias from the application's Chart.yaml, or use Helm 4");
  });

  it("is rendered by Helm 4", async () => {
    const { documents } = await template(await writeChart(umbrella), {}, { helm: 4 });
    expect(documents.filter(({ kind }) => kind === "Job")).toHaveLength(2);
  });
});
