import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { changesOf } from "./changes.ts";

/**
 * Copies the chart of `repository` to `target` and adds what only its package has: the licence, the changes of this version as an
 * annotation for Artifact Hub, and links from the README that lead somewhere without the repository around it.
 */
export async function stageChart(repository: string, target: string): Promise<void> {
  await cp(join(repository, chartPath), target, { recursive: true });
  await cp(join(repository, "LICENSE"), join(target, "LICENSE"));
  const metadata = parseDocument(await readFile(join(target, "Chart.yaml"), "utf8"));
  const version = String(metadata.get("version"));
  const changes = changesOf(await readFile(join(repository, "CHANGELOG.md"), "utf8"), version);
  metadata.setIn(["annotations", "artifacthub.io/changes"], stringify(changes));
  await writeFile(join(target, "Chart.yaml"), metadata.toString());
  const readme = join(target, "README.md");
  const source = `${metadata.get("home")}/blob/v${version}`;
  await writeFile(readme, withAbsoluteLinks(await readFile(readme, "utf8"), `${source}/${chartPath}/`));
}

const chartPath = "charts/migration-gate";

/** Links that are relative to the page's own place, which is `base`, become absolute ones; anchors stay. */
export function withAbsoluteLinks(markdown: string, base: string): string {
  return markdown.replaceAll(
    /\]\((?![a-z]+:|#)([^)\s]+)\)/g,
    (_, target: string) => `](${new URL(target, base).href})`,
  );
}
