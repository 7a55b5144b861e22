import { readFileSync } from "node:fs";
import { fencedBlocks } from "../../tools/documentation/markdown.ts";

/**
 * A workload of docs/workloads.md in the place of the application's Deployment: the page's block that begins with
 * `# templates/FILE`, and the pod spec that it includes.
 */
export function documentedWorkload(file: string): Readonly<Record<string, string>> {
  const markdown = readFileSync(new URL("../../docs/workloads.md", import.meta.url), "utf8");
  const block = fencedBlocks(markdown).find(({ text }) => text.startsWith(`# templates/${file}\n`));
  if (!block) throw new Error(`docs/workloads.md shows no templates/${file}`);
  return {
    "deployment.yaml": block.text,
    "_pod-spec.tpl": '{{- define "shop.podSpec" }}{{ toYaml .Values.podSpec }}{{ end }}',
  };
}
