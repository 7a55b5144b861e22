import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { provideCommand } from "../../tools/environment/debian-package.ts";
import { repositoryRoot } from "../../tools/images/catalogue.ts";
import { helm, helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { gateValues, temporaryDirectory } from "../support/helm-charts.ts";

interface ChartMetadata {
  readonly version: string;
  readonly appVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
}

let folder: string;
let archive: string;

beforeAll(async () => {
  await toolsDirectory();
  await provideCommand({ command: "gpg", package: "gnupg" });
  folder = await temporaryDirectory();
  await packageChart("--destination", folder);
  archive = join(folder, "migration-gate-0.1.0.tgz");
}, 1_800_000);

describe("the package", () => {
  it("holds licence, README and schema, and nothing that only tests read", async () => {
    const { stdout } = await execa("tar", ["-tzf", archive]);
    const files = stdout.split("\n").map((path) => path.replace(/^migration-gate\//, ""));
    expect(files).toEqual(expect.arrayContaining(["Chart.yaml", "LICENSE", "README.md", "values.schema.json"]));
    expect(files.filter((path) => path.startsWith("ci/"))).toEqual([]);
  });

  it("tells Artifact Hub what has changed and which images it runs", async () => {
    const { annotations, version, appVersion } = parse(await helm(4, ["show", "chart", archive])) as ChartMetadata;
    const { version: repositoryVersion } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8"));
    expect([version, appVersion]).toEqual([repositoryVersion, repositoryVersion]);
    const changes: { kind: string; description: string }[] = parse(annotations["artifacthub.io/changes"] ?? "");
    expect(changes).toContainEqual({
      kind: "added",
      description: expect.stringMatching(/^Helm chart `migration-gate`/),
    });
    const images: { image: string }[] = parse(annotations["artifacthub.io/images"] ?? "");
    const files = { inline: { "0001_posts.sql": "" } };
    const { text } = await template(archive, { database: gateValues.database, files }, { helm: 4 });
    const rendered = [...text.matchAll(/^ +image: "(.*)"$/gm)].map(([, image]) => image);
    expect(new Set(images.map(({ image }) => image))).toEqual(new Set(rendered));
  });

  it.each(helmMajors)("renders with Helm %i as the chart's folder does", async (major) => {
    const rendered = await template(archive, gateValues, { helm: major });
    const { text } = await template(join(repositoryRoot, "charts/migration-gate"), gateValues, { helm: major });
    expect(rendered.text).toBe(text);
  });

  it("has a README whose links lead somewhere without the repository", async () => {
    const readme = await helm(4, ["show", "readme", archive]);
    expect(readme).toContain("](https://github.com/migration-gate/migration-gate/blob/v0.1.0/docs/");
    expect(readme).not.toMatch(/\]\(\.\.?\//);
  });
});

it("a signed package is verified by both Helms, and a changed one is not", { timeout: 180_000 }, async () => {
  const key = await createKey();
  await packageChart("--destination", key.home, "--sign", "--key", key.user, "--keyring", key.secret);
  const signed = join(key.home, "migration-gate-0.1.0.tgz");
  for (const major of helmMajors) {
    expect(await helm(major, ["verify", "--keyring", key.public, signed])).toContain(`Signed by: ${key.user}`);
  }
  await execa("cp", [archive, signed]);
  for (const major of helmMajors) {
    await expect(helm(major, ["verify", "--keyring", key.public, signed])).rejects.toThrow(/sha256 sum does not match/);
  }
});

async function packageChart(...args: readonly string[]): Promise<void> {
  await execa(process.execPath, [join(repositoryRoot, "tools/chart-package/main.ts"), ...args]);
}

/** A key for one test, in the two keyrings that Helm reads. */
async function createKey() {
  const home = await temporaryDirectory();
  const user = "Test of migration-gate <test@example.com>";
  const gpg = (...args: string[]) => execa("gpg", ["--homedir", home, "--batch", "--passphrase", "", ...args]);
  onTestFinished(async () => {
    await execa("gpgconf", ["--homedir", home, "--kill", "all"]);
  });
  await gpg("--quick-generate-key", user, "rsa2048", "sign", "1d");
  const key = { home, user, secret: join(home, "secret.gpg"), public: join(home, "public.gpg") };
  await gpg("--output", key.secret, "--export-secret-keys");
  await gpg("--output", key.public, "--export");
  return key;
}
