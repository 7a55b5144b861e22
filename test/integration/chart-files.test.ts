import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { filesChecksum } from "../../packages/migrator/src/files/checksum.ts";
import { matchFileName } from "../../packages/migrator/src/files/file-name.ts";
import { readMigrationFiles } from "../../packages/migrator/src/files/migration-files.ts";
import { helmMajors, refusal, template, toolsDirectory } from "../support/helm.ts";
import { gateChart } from "../support/helm-charts.ts";
import { type Container, flag, type KubernetesObject, only, type PodSpec } from "../support/helm-documents.ts";
import { migrations } from "../support/migrations.ts";

const database = { existingSecret: "shop-db-owner" };
const checksum = createHash("sha256").update("files").digest("hex");

/** What YAML and templates might make something else of. */
const inline = {
  "0001_posts.sql": "create table posts (\n\ttitle text \n);\n\n\n",
  "0002_windows.sql": "select 1;\r\nselect 2;\r\n",
  "0003_template.sql": "select '{{ .Release.Name }}', $$ {{- fail \"no\" }} $$",
  "V10__dump.sql": "---\n  \n# no comment\n--- \nselect 'é😀', E'\\\\n';",
  "0004_empty.sql": "",
};

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  async function render(files: object, values: object = {}) {
    const { documents } = await template(gateChart, { database, files, ...values }, { helm });
    const job = only(documents, "Job");
    const { spec } = job.spec.template;
    const [migrate] = spec.containers;
    return { documents, job, spec, migrate };
  }

  const mounted = ({ volumes = [] }: PodSpec) => volumes.find(({ name }) => name === "migration-files")?.["configMap"];

  it("puts inline files, byte by byte, into an immutable ConfigMap that only migrate mounts", async () => {
    const { documents, spec, migrate } = await render({ inline });
    const found = filesOf(documents);
    expect(found).toMatchObject({ immutable: true, data: inline });
    expect(mounted(spec)).toEqual({ name: found.metadata.name });
    expect(migrate?.args).toContain("--dir=/migrations");
    expect(mountsOf(migrate)).toContainEqual({ name: "migration-files", mountPath: "/migrations", readOnly: true });
    expect(mountsOf(spec.initContainers?.[0]).map(({ name }) => name)).not.toContain("migration-files");
  });

  it("tells the migrator the checksum that the migrator finds, and names the ConfigMap by it", async () => {
    const { documents, migrate } = await render({ inline });
    const dir = migrations(inline);
    const found = filesChecksum(dir, readMigrationFiles(dir));
    expect(flag(migrate, "checksum")).toBe(found);
    expect(filesOf(documents).metadata.name).toBe(`shop-files-${found.slice(0, 10)}`);
  });

  it("gives changed files a new ConfigMap and a new Job", async () => {
    const changed = { ...inline, "0004_empty.sql": "select 1;" };
    const [before, after] = await Promise.all([render({ inline }), render({ inline: changed })]);
    expect(after.job.metadata.name).not.toBe(before.job.metadata.name);
    expect(filesOf(after.documents).metadata.name).not.toBe(filesOf(before.documents).metadata.name);
  });

  it("mounts an existing ConfigMap, and runs again for a new checksum of it", async () => {
    const files = { existingConfigMap: "{{ .Release.Name }}-migrations", checksum };
    const { documents, job, spec, migrate } = await render(files);
    expect(mounted(spec)).toEqual({ name: "shop-migrations" });
    expect(flag(migrate, "checksum")).toBe(checksum);
    expect(documents.filter(({ kind }) => kind === "ConfigMap").map(({ metadata }) => metadata.name)).toEqual([
      "shop-ledger",
    ]);
    const other = await render({ ...files, checksum: checksum.replace(/^./, "0") });
    expect(other.job.metadata.name).not.toBe(job.metadata.name);
  });

  it("runs them in the published migrator of the chart's version, or in the image that is named", async () => {
    const imageOf = async (values: object) => (await render({ inline }, values)).migrate?.image;
    expect(await imageOf({})).toBe("ghcr.io/migration-gate/migrator:0.1.0");
    expect(await imageOf({ waiter: { image: { registry: "mirror.example" } } })).toBe(
      "mirror.example/migration-gate/migrator:0.1.0",
    );
    expect(await imageOf({ image: { repository: "mirror.example/migrator" } })).toBe("mirror.example/migrator:0.1.0");
    expect(await imageOf({ image: { repository: "mirror.example/migrator", tag: "1.2.3" } })).toBe(
      "mirror.example/migrator:1.2.3",
    );
  });

  it.each<[string, object, string]>([
    ["two sources", { inline, existingConfigMap: "m", checksum }, "files.existingConfigMap are both set: remove one"],
    ["no checksum", { existingConfigMap: "m" }, "files.checksum is empty: set it to what `sha256sum *.sql |"],
    ["a checksum of nothing", { checksum }, "files.checksum is set without files.existingConfigMap: remove it"],
    ["a down part", { inline: { "1_a.down.sql": "" } }, "files.inline holds 1_a.down.sql, and down parts never run"],
    ["no name of a migration", { inline: { "a.sql": "" } }, 'files.inline holds "a.sql", which is no name of a migr'],
    ["a path", { inline: { "1_a/up.sql": "" } }, 'files.inline holds "1_a/up.sql", which is no name of a migration'],
    ["more than 900 KiB", { inline: { "1_a.sql": "é".repeat(460_800) } }, "files.inline holds 921607 bytes, and"],
    ["text that is none", { inline: { "1_a.sql": 1 } }, "at '/files/inline/1_a.sql': got number, want string"],
    ["a checksum that is none", { existingConfigMap: "m", checksum: "sha256:1" }, "at '/files/checksum'"],
  ])("refuses %s", async (_, files, message) => {
    const image = { repository: "registry.example/shop", tag: "1" };
    expect(await refusal(gateChart, { image, database, files }, { helm })).toContain(message);
  });

  it.each(["--dir=/elsewhere", "--checksum=0", "--ignore=*.tmp.sql"])(
    "refuses the argument %s beside files",
    async (arg) => {
      const values = { database, files: { inline }, migrate: { extraArgs: [arg] } };
      expect(await refusal(gateChart, values, { helm })).toContain(
        `migrate.extraArgs holds ${arg}, which the chart decides`,
      );
    },
  );
});

it("refuses no inline name that the migrator takes, and takes none that it refuses", async () => {
  const names = [
    "1_a.sql",
    "2023-09-01_b.sql",
    "V1.2_3__c.sql",
    "0007_d.up.sql",
    "7.sql",
    "a_1.sql",
    "V1_c.sql",
    "R__v.sql",
    "1_a.SQL",
    "_.sql",
    "1_.sql",
  ];
  for (const name of names) {
    const outcome = await template(gateChart, { database, files: { inline: { [name]: "" } } }, { helm: 4 }).catch(
      () => "refused",
    );
    expect([name, outcome === "refused"]).toEqual([name, matchFileName(name).kind !== "migration"]);
  }
});

function filesOf(documents: readonly KubernetesObject[]): KubernetesObject {
  const found = documents.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.includes("-files-"));
  expect(found).toHaveLength(1);
  return found[0] as KubernetesObject;
}

function mountsOf(container: Container | undefined) {
  return container?.volumeMounts ?? [];
}
