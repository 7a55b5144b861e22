import { beforeAll, describe, expect, it } from "vitest";
import { notes, template, toolsDirectory } from "../support/helm.ts";
import { application, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { allOf, only } from "../support/helm-documents.ts";

const inline = { "0001_posts.sql": "create table posts ();" };

beforeAll(toolsDirectory, 1_800_000);

describe("the notes", () => {
  it("name the release's own objects in commands that can be copied", async () => {
    const values = { ...gateValues, files: { inline } };
    const { documents } = await template(gateChart, values, { helm: 4 });
    const text = await notes(gateChart, values);
    const job = only(documents, "Job");
    const [files = "", ledger = ""] = allOf(documents, "ConfigMap").map(({ metadata }) => metadata.name);
    const labels = Object.entries(job.spec.template.metadata.labels ?? {}).map((label) => label.join("="));
    const identity = job.metadata.name.split("-").at(-1);
    const selector = `--selector ${labels.toSorted().join(",")}`;
    const but = (...names: string[]) => `--field-selector ${names.map((name) => `metadata.name!=${name}`).join(",")}`;
    expect(commandsOf(text)).toEqual([
      "kubectl migration-gate status shop --namespace apps",
      `kubectl logs job/${job.metadata.name} --container migrate --follow --namespace apps`,
      `kubectl get configmap ${selector} --output jsonpath='{.items[*].data.status}' --namespace apps`,
      `kubectl wait configmap/${ledger} --for=jsonpath='{.data.${identity}}' --timeout=3900s --namespace apps`,
      `kubectl migration-gate retry ${job.metadata.name} --namespace apps`,
      "helm test shop --logs --namespace apps",
      `kubectl delete job ${selector} ${but(job.metadata.name)} --namespace apps`,
      `kubectl delete configmap ${selector} ${but(ledger, files)} --namespace apps`,
      `kubectl delete job,configmap,pod ${selector} --namespace apps`,
    ]);
  });

  it("leave out what is not there", async () => {
    const text = await notes(gateChart, { ...gateValues, test: { enabled: false } });
    expect(text).not.toMatch(/helm test|kubectl delete configmap/);
    expect(await notes(gateChart, { enabled: false })).toBe(
      "migration-gate is disabled (enabled: false): nothing runs and nothing waits.",
    );
  });

  it("are those of each gate in a chart that has several, where Helm is asked for them", async () => {
    const chart = await writeChart(application("shop", ["migrations", "audit"]));
    const text = await notes(chart, {}, ["--render-subchart-notes"]);
    for (const { metadata } of allOf((await template(chart, {}, { helm: 4 })).documents, "Job")) {
      expect(text).toContain(`kubectl migration-gate retry ${metadata.name} `);
    }
  });
});

function commandsOf(text: string): string[] {
  return text.split("\n").flatMap((line) => (line.startsWith("  ") ? [line.trim()] : []));
}
