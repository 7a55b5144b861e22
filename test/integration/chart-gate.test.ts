import { beforeAll, describe, expect, it } from "vitest";
import { helmMajors, refusal, template, toolsDirectory } from "../support/helm.ts";
import { application, explicitApplication, gateValues, writeChart } from "../support/helm-charts.ts";
import { awaited, type Deployment, only, type PodSpec } from "../support/helm-documents.ts";

const container = { name: "web", image: "registry.example/web:1" };
const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const charts = { one: "", two: "", explicit: "", misspelt: "", wrong: "" };

beforeAll(async () => {
  await toolsDirectory();
  const one = application("shop", ["migrations"]);
  charts.one = await writeChart(one);
  charts.two = await writeChart(application("shop", ["migrations", "audit"]));
  charts.explicit = await writeChart(explicitApplication("shop", "migrations"));
  charts.misspelt = await writeChart({
    ...one,
    templates: { "pod.yaml": '{{ include "migration-gate.v1.gate" (list .Subcharts.migration .Values.podSpec) }}' },
  });
  charts.wrong = await writeChart({
    ...one,
    templates: { "pod.yaml": '{{ include "migration-gate.v1.gate" .Values.arguments }}' },
  });
}, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  async function deployment(chart: string, values: object): Promise<Deployment> {
    return only((await template(chart, values, { helm })).documents, "Deployment");
  }

  async function gated(podSpec: object, migrations: object = {}, chart = charts.one): Promise<PodSpec> {
    return (await deployment(chart, { podSpec, migrations })).spec.template.spec;
  }

  it("puts the waiter before the other init containers and keeps the rest of the pod", async () => {
    const podSpec = {
      serviceAccountName: "web",
      containers: [container],
      initContainers: [{ name: "warm-up", image: "registry.example/warm-up:1" }],
      volumes: [{ name: "cache", emptyDir: {} }],
      nodeSelector: { disk: "fast" },
    };
    const spec = await gated(podSpec);
    const [waiter, ...others] = spec.initContainers ?? [];
    expect(waiter?.name).toBe("wait-for-migrations");
    expect(spec.volumes?.map(({ name }) => name)).toEqual(["cache", "migrations-gate-token"]);
    const { automountServiceAccountToken, volumes, ...rest } = spec;
    expect(automountServiceAccountToken).toBe(false);
    expect({ ...rest, initContainers: others, volumes: volumes?.slice(0, 1) }).toEqual(podSpec);
  });

  it("gives the token to the waiter alone", async () => {
    const spec = await gated({ serviceAccountName: "web", containers: [container] });
    const [waiter] = spec.initContainers ?? [];
    const [volume] = spec.volumes ?? [];
    expect(waiter?.volumeMounts).toEqual([{ name: volume?.name, mountPath: tokenPath, readOnly: true }]);
    expect(volume?.["projected"]).toEqual({
      sources: [
        { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
      ],
    });
    expect(spec.containers).toEqual([container]);
  });

  it("gives the waiter no environment, so no credentials", async () => {
    const { initContainers = [] } = await gated({ serviceAccountName: "web", containers: [container] });
    expect(initContainers).toHaveLength(1);
    for (const { env, envFrom } of initContainers) expect([env, envFrom]).toEqual([undefined, undefined]);
  });

  it.each([true, false])("respects automountServiceAccountToken: %s", async (automountServiceAccountToken) => {
    const spec = await gated({ serviceAccountName: "web", containers: [container], automountServiceAccountToken });
    expect(spec.automountServiceAccountToken).toBe(automountServiceAccountToken);
  });

  it("merges the pull secrets of pod and gate, each once", async () => {
    const podSpec = {
      serviceAccountName: "web",
      containers: [container],
      imagePullSecrets: [{ name: "a" }, { name: "b" }],
    };
    const spec = await gated(podSpec, { imagePullSecrets: [{ name: "b" }, { name: "c" }] });
    expect(spec.imagePullSecrets).toEqual([{ name: "a" }, { name: "b" }, { name: "c" }]);
  });

  it("runs the waiter as 65532 where the pod runs as root, and as the pod's user elsewhere", async () => {
    const asUser = async (securityContext: object, migrations: object = {}): Promise<unknown> => {
      const spec = await gated({ serviceAccountName: "web", containers: [container], securityContext }, migrations);
      return spec.initContainers?.[0]?.securityContext?.["runAsUser"];
    };
    expect(await asUser({ runAsUser: 0 })).toBe(65532);
    expect(await asUser({ runAsUser: 0 }, { waiter: { securityContext: { runAsUser: 7 } } })).toBe(7);
    expect(await asUser({ runAsUser: 1000 })).toBeUndefined();
    expect(await asUser({})).toBeUndefined();
  });

  it("waits for several gates in one container, as long as the most patient", async () => {
    const { spec } = await deployment(charts.two, { audit: { job: { activeDeadlineSeconds: 7200 } } });
    const { initContainers = [], volumes = [] } = spec.template.spec;
    expect(initContainers).toHaveLength(1);
    expect(volumes).toHaveLength(1);
    expect(awaited(initContainers[0])).toHaveLength(2);
    expect(initContainers[0]?.args).toContain("--timeout=7500s");
    expect(spec.progressDeadlineSeconds).toBe(7500);
  });

  it("leaves out the disabled one of several gates", async () => {
    const spec = await gated({ serviceAccountName: "web", containers: [container] }, { enabled: false }, charts.two);
    expect(awaited(spec.initContainers?.[0]).map(({ ledger }) => ledger)).toEqual(["shop-audit-ledger"]);
    expect(spec.volumes?.map(({ name }) => name)).toEqual(["audit-gate-token"]);
  });

  it("the explicit helpers give the same waiter and volume", async () => {
    const values = { podSpec: { serviceAccountName: "web", containers: [container] } };
    const explicit = (await deployment(charts.explicit, values)).spec.template.spec;
    expect(explicit).toEqual(await gated(values.podSpec));
    const disabled = await deployment(charts.explicit, { migrations: { enabled: false } });
    expect(disabled.spec.template.spec.initContainers ?? []).toEqual([]);
  });

  it("lets the rollout take as long as the waiter waits", async () => {
    const { spec } = await deployment(charts.one, { migrations: { waiter: { timeoutSeconds: 5000 } } });
    expect(spec.progressDeadlineSeconds).toBe(5000);
    expect(spec.template.spec.initContainers?.[0]?.args).toContain("--timeout=5000s");
  });

  it.each([
    ["the Job's", { podSpec: { serviceAccountName: "shop-migrations", containers: [container] } }],
    ["the Job's", { migrations: { serviceAccount: { create: false, name: "web" } } }],
  ])("refuses a pod whose service account is %s", async (_, values) => {
    const message = await refusal(charts.one, values, { helm });
    expect(message).toMatch(/run as the service account \S+, which is the migration Job's .* give one of them another/);
  });

  it("refuses a pod whose service account may not read the Job", async () => {
    const values = { migrations: { waiter: { serviceAccountNames: ["{{ .Release.Name }}-worker"] } } };
    expect(await refusal(charts.one, values, { helm })).toContain(
      "migrations.waiter.serviceAccountNames (shop-worker) does not name the application's service account web",
    );
    const spec = await gated(
      { serviceAccountName: "shop-worker", containers: [container] },
      { waiter: { serviceAccountNames: ["{{ .Release.Name }}-worker"] } },
    );
    expect(spec.initContainers).toHaveLength(1);
  });

  it("refuses a gate that no subchart answers to, instead of leaving the pod without it", async () => {
    expect(await refusal(charts.misspelt, {}, { helm })).toContain(".Subcharts has no subchart of the name");
  });

  it.each([
    ["no pod spec", [gateValues]],
    ["text instead of an object", ["containers: []"]],
    ["a pod spec that is not YAML", [{ Error: "error converting YAML to JSON: yaml: line 2" }]],
  ])("refuses %s, saying how to call it", async (_, args) => {
    const message = await refusal(charts.wrong, { arguments: args }, { helm });
    expect(message).toMatch(/migration-gate\.v1\.gate: the .*: call it as include/);
  });
});
