import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { chartForms } from "../support/chart-forms.ts";
import { helmMajors, template } from "../support/helm.ts";
import { gateChart, gateValues, temporaryDirectory, writeChart } from "../support/helm-charts.ts";

/** How a Helm sends new objects: the third creates them, the fourth applies them on the server's side. */
const sending: Readonly<Record<HelmMajor, readonly string[]>> = { 3: ["create"], 4: ["apply", "--server-side"] };

let namespace: Namespace;

beforeAll(async () => {
  namespace = await emptyNamespace(await connectLocalCluster(), "e2e-dry-run");
});
afterAll(() => deleteNamespace(namespace));

// Admission, defaults and validation are those of an installation; nothing is stored.
test.each(chartForms)(
  "the API server accepts $title",
  async ({ chart, values = {}, release = "shop", gates, podSecurity }) => {
    // In a namespace that enforces "restricted" the server warns of Deployments and Jobs whose pods it would refuse.
    const strictness = podSecurity ? [] : ["--warnings-as-errors"];
    const directory = await writeChart(chart);
    for (const helm of helmMajors) {
      const { text, documents } = await template(directory, values, { helm, release, namespace: namespace.name });
      const accepted = await dryRun(text, helm, strictness);
      expect(accepted).toHaveLength(documents.length);
      expect(accepted.filter((object) => object.startsWith("job.batch/"))).toHaveLength(gates.length);
    }
    expect((await namespace.get<{ items: object[] }>("jobs,deployments")).items).toEqual([]);
  },
);

test.each(helmMajors)("a wrong field is refused in the way of Helm %i", async (helm) => {
  const { text } = await template(gateChart, gateValues, { helm, namespace: namespace.name });
  await expect(dryRun(text.replace("backoffLimit:", "backofLimit:"), helm)).rejects.toThrow("backofLimit");
});

/** Sends the documents as Helm does, for the server to judge and forget. */
async function dryRun(text: string, helm: HelmMajor, further: readonly string[] = []): Promise<string[]> {
  const file = join(await temporaryDirectory(), "manifest.yaml");
  await writeFile(file, text);
  const flags = ["--dry-run=server", "--validate=strict", "--output", "name", ...further];
  return (await namespace.kubectl(...sending[helm], ...flags, "--filename", file)).split("\n");
}
