import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, refusal, template, toolsDirectory } from "../support/helm.ts";
import { application, gateChart, gateValues, isolated, writeChart } from "../support/helm-charts.ts";
import { allOf, only } from "../support/helm-documents.ts";
import { withValue } from "../support/helm-values.ts";

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  const render = async (networkPolicy: object, chart = gateChart) =>
    (await template(chart, { ...gateValues, networkPolicy }, { helm })).documents;
  const refused = (networkPolicy: object) => refusal(gateChart, { ...gateValues, networkPolicy }, { helm });

  it("lets the Job's pod reach DNS, the database and the API server, and nobody reach it", async () => {
    const { metadata, spec } = only(await render(isolated), "NetworkPolicy");
    expect(metadata.name).toBe("shop");
    expect(spec).toEqual({
      podSelector: {
        matchLabels: {
          "app.kubernetes.io/name": "migration-gate",
          "app.kubernetes.io/instance": "shop",
          "app.kubernetes.io/component": "migration-gate",
        },
      },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
              podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
            },
          ],
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        { to: isolated.database.to, ports: [{ protocol: "TCP", port: 5432 }] },
        {
          to: isolated.apiServer.to,
          ports: [
            { protocol: "TCP", port: 443 },
            { protocol: "TCP", port: 6443 },
          ],
        },
      ],
    });
  });

  it("selects the Job's pod and no application's", async () => {
    const chart = await writeChart(application("shop", ["migrations", "audit"]));
    const { documents } = await template(chart, { migrations: { networkPolicy: isolated } }, { helm });
    const policies = allOf(documents, "NetworkPolicy");
    const selects = (labels: Readonly<Record<string, string>> = {}) =>
      policies.map(({ spec }) =>
        Object.entries(spec.podSelector.matchLabels).every(([key, value]) => labels[key] === value),
      );
    const jobs = allOf(documents, "Job").map(({ spec }) => selects(spec.template.metadata.labels));
    expect(jobs).toEqual([[false], [true]]);
    expect(selects(only(documents, "Deployment").spec.template.metadata.labels)).toEqual([false]);
  });

  it("is not there by default, nor where the gate is disabled", async () => {
    expect(allOf(await render({}), "NetworkPolicy")).toEqual([]);
    expect(allOf(await render({ ...isolated, enabled: false }), "NetworkPolicy")).toEqual([]);
    const { documents } = await template(
      gateChart,
      { ...gateValues, networkPolicy: isolated, enabled: false },
      { helm },
    );
    expect(documents).toEqual([]);
  });

  it.each([
    ["database.to", "networkPolicy.database.to is empty, which would allow every destination: set it to your database"],
    [
      "apiServer.to",
      "networkPolicy.apiServer.to is empty, which would allow every destination: set it to the addresses",
    ],
    ["dns.to", "networkPolicy.dns.to is empty, which would allow every destination: leave it out for kube-dns"],
  ])("refuses an empty %s, which Kubernetes takes for everything", async (path, message) => {
    const text = await refused(withValue(isolated, path, []));
    expect(text.split("\n").filter((line) => line.startsWith("- "))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["database.to", [{}], "at '/networkPolicy/database/to/0': minProperties: got 0, want 1"],
    ["database.to", [{ cidr: "192.0.2.1/32" }], "additional properties 'cidr' not allowed"],
    ["apiServer.ports", [], "at '/networkPolicy/apiServer/ports': minItems: got 0, want 1"],
    ["dns.ports", ["dns"], "at '/networkPolicy/dns/ports/0': got string, want integer"],
  ])("refuses %s: %j", async (path, value, message) => {
    expect(await refused(withValue(isolated, path, value))).toContain(message);
  });
});
