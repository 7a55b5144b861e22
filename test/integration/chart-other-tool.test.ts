import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fencedBlocks } from "../../tools/documentation/markdown.ts";
import { readPage } from "../support/documented-sql.ts";
import { helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { gateChart, gateValues } from "../support/helm-charts.ts";
import { type Container, flag, type Job, type KubernetesObject, only } from "../support/helm-documents.ts";
import { withValue } from "../support/helm-values.ts";
import { describeRefusals } from "../support/refusals.ts";

/** An image that needs nothing but its own entry point. */
const otherTool = { ...gateValues, migrate: { tool: "other", permanentExitCodes: [] as number[] } };

/** What stands below `migrations:` in each example of a tool in the documentation, by its heading. */
const documentedValues = readPage("other-migrators.md")
  .split(/^### /m)
  .slice(1)
  .flatMap((chapter): (readonly [tool: string, values: DocumentedValues])[] => {
    const [block] = fencedBlocks(chapter);
    return block ? [[chapter.split("\n")[0] ?? "", parse(block.text).migrations]] : [];
  });

interface DocumentedValues {
  readonly migrate?: { readonly args?: readonly string[] };
}

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  let documents: readonly KubernetesObject[];
  let job: Job;
  let migrate: Container;
  let record: Container;

  beforeAll(async () => {
    documents = await render(otherTool);
    job = only(documents, "Job");
    const { initContainers = [], containers } = job.spec.template.spec;
    [migrate, record] = [...initContainers, ...containers] as [Container, Container];
  });

  async function render(values: object): Promise<readonly KubernetesObject[]> {
    return (await template(gateChart, values, { helm, release: "shop" })).documents;
  }

  async function migrateWith(values: object): Promise<Container | undefined> {
    const changed = { ...otherTool, migrate: { ...otherTool.migrate, ...values } };
    return only(await render(changed), "Job").spec.template.spec.initContainers?.[0];
  }

  it("runs record only after migrate has ended with 0", () => {
    const { initContainers = [], containers } = job.spec.template.spec;
    expect(initContainers.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([["migrate", undefined]]);
    expect(containers.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([["record", undefined]]);
    expect(record.args).toEqual(["record", "--ledger=shop-ledger", `--identity=${job.metadata.name.slice(-10)}`]);
    expect(flag(record, "report")).toBeUndefined();
  });

  it("gives the image its own entry point, the connection, and nothing of ours", () => {
    expect(migrate).not.toHaveProperty("command");
    expect(migrate).not.toHaveProperty("args");
    expect(migrate).not.toHaveProperty("volumeMounts");
    expect(migrate.env?.map(({ name }) => name)).toEqual(["DATABASE_URL"]);
    expect(job.spec.template.spec.volumes?.map(({ name }) => name)).toEqual(["record-token"]);
  });

  it("keeps database credentials and API token in different containers", () => {
    expect(JSON.stringify(record.env)).not.toContain("secretKeyRef");
    expect(record.volumeMounts?.map(({ name }) => name)).toEqual(["record-token"]);
    expect(job.spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  it("passes command, arguments and environment on, the connection before what refers to it", async () => {
    const changed = await migrateWith({
      command: ["goose"],
      args: ["-dir", "/migrations", "up", "--format={{ json . }}"],
      env: [
        { name: "GOOSE_DBSTRING", value: "$(DATABASE_URL)" },
        { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "owner", key: "password" } } },
      ],
      envFrom: [{ configMapRef: { name: "settings" } }],
    });
    expect(changed).toMatchObject({
      command: ["goose"],
      args: ["-dir", "/migrations", "up", "--format={{ json . }}"],
      env: [
        { name: "DATABASE_URL" },
        { name: "GOOSE_DBSTRING", value: "$(DATABASE_URL)" },
        { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "owner", key: "password" } } },
      ],
      envFrom: [{ configMapRef: { name: "settings" } }],
    });
  });

  it("makes another command, and other arguments and codes, another Job", async () => {
    const names = await Promise.all(
      [{}, { command: ["goose"] }, { args: ["up"] }, { args: ["up-by-one"] }, { permanentExitCodes: [1] }].map(
        async (migrate) => {
          const changed = { ...otherTool, migrate: { ...otherTool.migrate, ...migrate } };
          return only(await render(changed), "Job").metadata.name;
        },
      ),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("mounts inline files where our migrator has them, and leaves the checksum to their name", async () => {
    const inline = { "00001_posts.sql": "-- +goose Up\ncreate table posts ();\n" };
    const rendered = await render({ ...otherTool, files: { inline } });
    const mounted = only(rendered, "Job").spec.template.spec.initContainers?.[0];
    expect(mounted?.volumeMounts).toEqual([{ name: "migration-files", mountPath: "/migrations", readOnly: true }]);
    expect(mounted).not.toHaveProperty("args");
    expect(rendered.filter(({ kind }) => kind === "ConfigMap").map(({ metadata }) => metadata.name)).toEqual([
      expect.stringMatching(/^shop-files-[0-9a-f]{10}$/),
      "shop-ledger",
    ]);
  });

  it("fails the Job at once on the named exit codes of migrate alone", async () => {
    const rules = async (permanentExitCodes: number[]): Promise<unknown> => {
      const changed = withValue(otherTool, "migrate.permanentExitCodes", permanentExitCodes);
      return only(await render(changed), "Job").spec["podFailurePolicy"];
    };
    const disruption = { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] };
    expect(await rules([])).toEqual({ rules: [disruption] });
    expect(await rules([65, 1])).toEqual({
      rules: [
        { action: "FailJob", onExitCodes: { containerName: "migrate", operator: "In", values: [1, 65] } },
        disruption,
      ],
    });
  });

  it.each<[string, object]>([
    ["a variable", { env: [{ name: "FLYWAY_URL", value: "jdbc:postgresql://db/shop" }] }],
    ["a whole Secret", { envFrom: [{ secretRef: { name: "owner" } }] }],
    ["a file", { volumeMounts: [{ name: "owner", mountPath: "/owner" }] }],
  ])("accepts a connection from %s", async (_, changed) => {
    const values = { image: gateValues.image, migrate: { ...otherTool.migrate, ...changed } };
    const container = only(await render(values), "Job").spec.template.spec.initContainers?.[0];
    expect(container).toMatchObject(changed);
  });

  it.each(["golang-migrate", "goose", "flyway"])(
    "spells no password of %s out, and knows no flag of ours",
    async (tool) => {
      const values = parse(await readFile(join(gateChart, "ci", `${tool}-values.yaml`), "utf8"));
      const container = only(await render(values), "Job").spec.template.spec.initContainers?.[0];
      expect(container?.name).toBe("migrate");
      expect(JSON.stringify(container)).toContain("secretKeyRef");
      expect(JSON.stringify(container)).not.toMatch(/--report|--wait-budget|MIGRATOR_/);
    },
  );

  it.each(documentedValues)("renders the documented values of %s", async (_, values) => {
    const { documents: rendered } = await template(gateChart, { ...gateValues, ...values }, { helm });
    const container = only(rendered, "Job").spec.template.spec.initContainers?.[0];
    expect(container).toMatchObject({ name: "migrate", args: values.migrate?.args });
  });
});

describeRefusals(
  [
    [
      "no word about exit codes",
      "migrate.permanentExitCodes",
      null,
      'migrate.permanentExitCodes is unset, and migrations.migrate.tool is "other": list the exit codes',
    ],
    [
      "our migrator's arguments",
      "migrate.extraArgs",
      ["--lock-timeout=5s"],
      "put all arguments of the tool into migrations.migrate.args",
    ],
    [
      "our migrator's wait budget",
      "migrate.waitBudgetSeconds",
      60,
      "remove it, and limit the tool's waiting by its own",
    ],
    [
      "a command for our migrator",
      "migrate.tool",
      "migration-gate",
      "migrate.command is for another tool's image: set",
    ],
    [
      "a tool by its name",
      "migrate.tool",
      "flyway",
      "at '/migrate/tool': value must be one of 'migration-gate', 'other'",
    ],
    ["no image beside inline files", "image", { repository: "", tag: "1" }, "set it to the image with the tool"],
    [
      "files that nobody compares",
      "files",
      { existingConfigMap: "sql", checksum: "5".repeat(64) },
      "no other tool compares the files with files.checksum",
    ],
    ["a hasty deadline", "job.activeDeadlineSeconds", 600, "job.activeDeadlineSeconds (600) leaves too little time"],
    ["no connection", "database.existingSecret", "", "database.existingSecret is empty, and nothing else says where"],
    [
      "a password in an argument",
      "migrate.args",
      ["-database=postgres://a:b@c/d"],
      "write $(DATABASE_URL), or $(NAME)",
    ],
    [
      "a password in a variable",
      "migrate.env",
      [{ name: "FLYWAY_PASSWORD", value: "hunter2" }],
      "holds FLYWAY_PASSWORD in plain text",
    ],
    [
      "a password in a URL",
      "migrate.env",
      [{ name: "X", value: "jdbc:pg://h/d?user=a&password=b" }],
      "holds X in plain text",
    ],
  ],
  { ...otherTool, migrate: { ...otherTool.migrate, command: ["tool"] } },
);
