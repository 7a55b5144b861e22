import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { application, gateValues, writeChart } from "../support/helm-charts.ts";
import { allOf } from "../support/helm-documents.ts";

/** The waiter's tag follows the chart's version, which is a new identity on purpose. */
const waiter = { image: { tag: "0.1.0" } };
const { existingSecret } = gateValues.database;

/**
 * Releases as users have them, with the names of their Jobs. A chart that gives one of them another name runs the migrations
 * of everybody once more and rolls their pods: a new value must render nothing while it has its default.
 */
const releases: Readonly<Record<string, readonly [job: string, gate: object]>> = {
  minimal: ["shop-minimal-54f694030c", gateValues],
  digest: [
    "shop-digest-0d36afa042",
    { ...gateValues, image: { repository: "registry.example/shop", digest: `sha256:${"a".repeat(64)}` } },
  ],
  mirror: ["shop-mirror-0b34fbbadc", { ...gateValues, image: { ...gateValues.image, registry: "mirror.example" } }],
  variables: [
    "shop-variables-50d6a31546",
    {
      ...gateValues,
      database: { existingSecret: "" },
      migrate: {
        env: [
          { name: "PGHOST", value: "db" },
          { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: existingSecret, key: "password" } } },
        ],
        envFrom: [{ configMapRef: { name: "settings" } }],
        extraArgs: ["--lock-timeout=5s"],
        permanentExitCodes: [2, 3],
      },
    },
  ],
  placed: [
    "shop-placed-6f0bf3934a",
    {
      ...gateValues,
      imagePullSecrets: [{ name: "registry" }],
      migrate: { volumeMounts: [{ name: "ca", mountPath: "/ca" }] },
      job: {
        volumes: [{ name: "ca", secret: { secretName: "ca" } }],
        nodeSelector: { "kubernetes.io/arch": "arm64" },
        tolerations: [{ key: "batch", operator: "Exists" }],
        affinity: { nodeAffinity: {} },
        priorityClassName: "batch",
        podLabels: { team: "shop" },
        rerunToken: "restored",
      },
    },
  ],
  named: [
    "schema-61f330634b",
    { ...gateValues, fullnameOverride: "schema", serviceAccount: { create: false, name: "schema" } },
  ],
};

let chart: string;

beforeAll(async () => {
  await toolsDirectory();
  const gates = Object.fromEntries(
    Object.entries(releases).map(([alias, [, values]]) => [alias, { waiter, ...values }]),
  );
  const aliases = Object.keys(releases);
  const nested = application("nested", ["migrations"], { values: { migrations: { waiter, ...gateValues } } });
  const shop = application("shop", aliases, { values: gates });
  chart = await writeChart({ ...shop, dependencies: [...(shop.dependencies ?? []), { chart: nested }] });
}, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  it("gives every release the Job that it has always had", async () => {
    const jobs = allOf((await template(chart, {}, { helm })).documents, "Job").map(({ metadata }) => metadata.name);
    const known = [...Object.values(releases).map(([name]) => name), "shop-nested-migrations-b0db90f5c2"];
    expect(jobs).toEqual(known.toSorted((left, right) => left.localeCompare(right)));
  });
});
