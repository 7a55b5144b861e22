import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { chartForms } from "../support/chart-forms.ts";
import { helmMajors, template } from "../support/helm.ts";
import { gateChart, gateValues, temporaryDirectory, writeChart } from "../support/helm-charts.ts";
import { allOf, type Pod } from "../support/helm-documents.ts";

/** How a Helm sends new objects: the third creates them, the fourth applies them on the server's side. */
const sending: Readonly<Record<HelmMajor, readonly string[]>> = { 3: ["create"], 4: ["apply", "--server-side"] };

let namespace: Namespace;

beforeAll(async () => {
  namespace = await emptyNamespace(await connectLocalCluster(), "e2e-dry-run");
  await until("the namespace has its default service account", () => namespace.get("serviceaccount", "default"));
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
      const options = { helm, release, namespace: namespace.name };
      const { text, documents } = await template(directory, values, { ...options, args: ["--skip-tests"] });
      const accepted = await dryRun(text, helm, strictness);
      expect(accepted).toHaveLength(documents.length);
      expect(accepted.filter((object) => object.startsWith("job.batch/"))).toHaveLength(gates.length);
      const pods = allOf((await template(directory, values, options)).documents, "Pod");
      if (pods.length > 0) expect(await dryRun(asOneList(pods), helm)).toHaveLength(pods.length);
    }
    expect((await namespace.get<{ items: object[] }>("jobs,deployments")).items).toEqual([]);
  },
);

test.each(helmMajors)("a wrong field is refused in the way of Helm %i", async (helm) => {
  const { text } = await template(gateChart, gateValues, {
    helm,
    namespace: namespace.name,
    args: ["--skip-tests"],
  });
  await expect(dryRun(text.replace("backoffLimit:", "backofLimit:"), helm)).rejects.toThrow("backofLimit");
});

/** The pods of `helm test`. What a pod names must be there, and nothing is stored here: it names what every cluster has. */
function asOneList(pods: readonly Pod[]): string {
  const existing = { serviceAccountName: "default", priorityClassName: undefined, runtimeClassName: undefined };
  const items = pods.map((pod) => ({ ...pod, spec: { ...pod.spec, ...existing } }));
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

/** Sends the documents as Helm does, for the server to judge and forget. */
async function dryRun(text: string, helm: HelmMajor, further: readonly string[] = []): Promise<string[]> {
  const file = join(await temporaryDirectory(), "manifest.yaml");
  await writeFile(file, text);
  const flags = ["--dry-run=server", "--validate=strict", "--output", "name", ...further];
  return (await namespace.kubectl(...sending[helm], ...flags, "--filename", file)).split("\n");
}
