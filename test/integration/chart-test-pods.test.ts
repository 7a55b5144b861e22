import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { application, gateChart, gateValues, writeChart } from "../support/helm-charts.ts";
import { allOf, awaited, flag, only, type Pod } from "../support/helm-documents.ts";

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("helm test with Helm %i", (helm) => {
  async function pods(values: object = {}, args: readonly string[] = []): Promise<Pod[]> {
    return allOf((await template(gateChart, { ...gateValues, ...values }, { helm, args })).documents, "Pod");
  }

  const accounts = (found: readonly Pod[]) =>
    found.map(({ metadata, spec }) => [metadata.name, spec.serviceAccountName]);

  it("asks as the application and as the Job", async () => {
    expect(accounts(await pods())).toEqual([
      ["shop-check-record", "shop"],
      ["shop-check-wait-default", "default"],
    ]);
    expect(accounts(await pods({ test: { serviceAccountName: "{{ .Release.Name }}-web" } }))).toContainEqual([
      "shop-check-wait-shop-web",
      "shop-web",
    ]);
  });

  it("asks as every account that may read the Job, where they are named", async () => {
    const waiter = { serviceAccountNames: ["{{ .Release.Name }}-web", "worker"] };
    expect(accounts(await pods({ waiter }))).toEqual([
      ["shop-check-record", "shop"],
      ["shop-check-wait-shop-web", "shop-web"],
      ["shop-check-wait-worker", "worker"],
    ]);
  });

  it("asks what wait and record are started with", async () => {
    const { documents } = await template(await writeChart(application("shop", ["migrations"])), {}, { helm });
    const [waiter] = only(documents, "Deployment").spec.template.spec.initContainers ?? [];
    const [record, wait] = allOf(documents, "Pod").map(({ spec }) => spec.containers[0]);
    expect([flag(record, "role"), flag(wait, "role")]).toEqual(["record", "wait"]);
    expect(awaited(wait)).toEqual(awaited(waiter));
    expect(awaited(record)).toEqual(awaited(waiter));
    expect(wait?.image).toBe(waiter?.image);
    expect(wait?.securityContext).toEqual(waiter?.securityContext);
  });

  it("is run by Helm alone, leaves its log behind, and is kept out of meshes", async () => {
    for (const { metadata, spec } of await pods()) {
      expect(metadata.annotations).toEqual({
        "helm.sh/hook": "test",
        "helm.sh/hook-delete-policy": "before-hook-creation",
        "sidecar.istio.io/inject": "false",
        "linkerd.io/inject": "disabled",
      });
      expect(spec.automountServiceAccountToken).toBe(false);
    }
    expect(await pods({ test: { enabled: false } })).toEqual([]);
    expect(await pods({ enabled: false })).toEqual([]);
    expect(await pods({}, ["--skip-tests"])).toEqual([]);
  });

  it("has names of its own in every gate, and none is too long", async () => {
    const chart = await writeChart(application("shop", ["migrations", "audit"]));
    const release = "a-release-whose-name-is-as-long-as-helm-allows-it-to";
    const { documents } = await template(chart, {}, { helm, release });
    const names = allOf(documents, "Pod").map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(4);
    expect(names.filter((name) => name.length > 63)).toEqual([]);
  });
});
