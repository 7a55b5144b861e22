import { beforeAll, describe, expect, it } from "vitest";
import { migratorExitCodes } from "../../packages/cli-runtime/src/exit-codes.ts";
import { helmMajors, template, toolsDirectory } from "../support/helm.ts";
import { gateChart, gateValues } from "../support/helm-charts.ts";
import { type Container, flag, type Job, type KubernetesObject, only } from "../support/helm-documents.ts";

const tokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const reportPath = "/run/migration-gate";

beforeAll(toolsDirectory, 1_800_000);

describe.each(helmMajors)("Helm %i", (helm) => {
  let documents: readonly KubernetesObject[];
  let job: Job;
  let migrate: Container;
  let record: Container;

  async function render(values: object): Promise<readonly KubernetesObject[]> {
    return (await template(gateChart, { ...gateValues, ...values }, { helm, release: "shop" })).documents;
  }

  beforeAll(async () => {
    documents = await render({});
    job = only(documents, "Job");
    const { containers, initContainers = [] } = job.spec.template.spec;
    [migrate, record] = [...containers, ...initContainers] as [Container, Container];
  });

  it("runs migrate, and record alongside as a native sidecar", () => {
    const { containers, initContainers = [] } = job.spec.template.spec;
    expect(containers.map(({ name }) => name)).toEqual(["migrate"]);
    expect(initContainers.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([["record", "Always"]]);
    expect(migrate.args).toEqual(["up", `--report=${reportPath}`, "--wait-budget=300s"]);
    expect(record.args?.[0]).toBe("record");
    expect(flag(record, "report")).toBe(reportPath);
    expect(flag(record, "ledger")).toBe(only(documents, "ConfigMap").metadata.name);
    expect(job.metadata.name).toBe(`shop-${flag(record, "identity")}`);
  });

  it("keeps database credentials and API token in different containers", () => {
    expect(migrate.env).toEqual([
      { name: "MIGRATOR_IMAGE", value: migrate.image },
      { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "shop-db-owner", key: "url" } } },
    ]);
    expect(migrate.volumeMounts).toEqual([{ name: "report", mountPath: reportPath }]);
    expect(JSON.stringify(record.env)).not.toContain("secretKeyRef");
    expect(record.envFrom).toBeUndefined();
    expect(record.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual([reportPath, tokenPath]);
    expect(job.spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  it("tells record which Job, pod and image it speaks for", () => {
    const variables = (record.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? valueFrom]);
    expect(Object.fromEntries(variables)).toEqual({
      WAITER_JOB: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } },
      WAITER_JOB_UID: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } },
      WAITER_POD: { fieldRef: { fieldPath: "metadata.name" } },
      WAITER_IMAGE: "registry.example/shop-migrations:1.4.2",
    });
  });

  it("fails the Job at once on exactly the migrator's permanent exit codes, and forgives evictions", () => {
    const permanent = Object.values(migratorExitCodes).filter((code) => code.class === "permanent");
    expect(job.spec["podFailurePolicy"]).toEqual({
      rules: [
        {
          action: "FailJob",
          onExitCodes: { containerName: "migrate", operator: "In", values: permanent.map(({ code }) => code) },
        },
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    });
  });

  it("sorts the exit codes as Kubernetes wants them, and leaves the rule out where there are none", async () => {
    const codes = async (permanentExitCodes: number[]): Promise<unknown> => {
      const { spec } = only(await render({ migrate: { permanentExitCodes } }), "Job");
      const { rules } = spec["podFailurePolicy"] as { rules: { onExitCodes?: { values: number[] } }[] };
      return rules.map((rule) => rule.onExitCodes?.values);
    };
    expect(await codes([65, 4, 255, 7])).toEqual([[4, 7, 65, 255], undefined]);
    expect(await codes([])).toEqual([undefined]);
  });

  it("has the limits of the design: three retries, an hour, no deletion, no hook", () => {
    const { template: pod, podFailurePolicy: _, ...limits } = job.spec;
    expect(limits).toEqual({ backoffLimit: 3, activeDeadlineSeconds: 3600, podReplacementPolicy: "Failed" });
    expect(pod.spec).toMatchObject({ restartPolicy: "Never", terminationGracePeriodSeconds: 60 });
    expect(job.metadata.annotations).toBeUndefined();
    expect(pod.metadata.annotations).toEqual({
      "kubectl.kubernetes.io/default-container": "migrate",
      "sidecar.istio.io/inject": "false",
      "linkerd.io/inject": "disabled",
    });
  });

  it("keeps what changes with a version out of the pod's labels", async () => {
    const labelled = await render({
      commonLabels: { "app.example/commit": "0123abc" },
      job: { podLabels: { team: "shop" } },
    });
    expect(only(labelled, "Job").spec.template.metadata.labels).toEqual({
      "app.kubernetes.io/name": "migration-gate",
      "app.kubernetes.io/instance": "shop",
      "app.kubernetes.io/component": "migration-gate",
      team: "shop",
    });
    for (const { metadata } of labelled) expect(metadata.labels?.["app.example/commit"]).toBe("0123abc");
  });

  it("keeps names text where a release is named by a number", async () => {
    const numbered = (await template(gateChart, gateValues, { helm, release: "2026" })).documents;
    expect(only(numbered, "ServiceAccount").metadata.name).toBe("2026");
    expect(only(numbered, "Job").spec.template.spec.serviceAccountName).toBe("2026");
    expect(only(numbered, "RoleBinding", "2026-record").subjects).toMatchObject([{ name: "2026" }]);
    for (const { metadata } of numbered) expect(metadata.labels?.["app.kubernetes.io/instance"]).toBe("2026");
  });

  it("renders the ledger without data", () => {
    const { metadata, ...ledger } = only(documents, "ConfigMap");
    expect(metadata.name).toBe("shop-ledger");
    expect(ledger).toEqual({ apiVersion: "v1", kind: "ConfigMap" });
  });

  it("lets the application's pods read one Job and one ledger, and record write that ledger", () => {
    const ledger = only(documents, "ConfigMap").metadata.name;
    expect(only(documents, "Role", "shop-waiter").rules).toEqual([
      {
        apiGroups: ["batch"],
        resources: ["jobs"],
        resourceNames: [job.metadata.name],
        verbs: ["get", "list", "watch"],
      },
      { apiGroups: [""], resources: ["configmaps"], resourceNames: [ledger], verbs: ["get", "list", "watch"] },
    ]);
    expect(only(documents, "Role", "shop-record").rules).toEqual([
      { apiGroups: [""], resources: ["configmaps"], resourceNames: [ledger], verbs: ["get", "patch"] },
    ]);
    const waiter = only(documents, "RoleBinding", "shop-waiter");
    expect(waiter.roleRef.name).toBe("shop-waiter");
    expect(waiter.subjects).toEqual([
      { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "system:serviceaccounts:apps" },
    ]);
    const recorder = only(documents, "RoleBinding", "shop-record");
    expect(recorder.roleRef.name).toBe("shop-record");
    expect(recorder.subjects).toEqual([{ kind: "ServiceAccount", name: "shop", namespace: "apps" }]);
    expect(only(documents, "ServiceAccount").metadata.name).toBe("shop");
    expect(job.spec.template.spec.serviceAccountName).toBe("shop");
  });

  it("narrows the readers to the named service accounts", async () => {
    const narrowed = await render({ waiter: { serviceAccountNames: ["web", "{{ .Release.Name }}-worker"] } });
    expect(only(narrowed, "RoleBinding", "shop-waiter").subjects).toEqual([
      { kind: "ServiceAccount", name: "web", namespace: "apps" },
      { kind: "ServiceAccount", name: "shop-worker", namespace: "apps" },
    ]);
  });

  it("leaves service account and Roles to others where asked", async () => {
    const bare = await render({ serviceAccount: { create: false, name: "migrator" }, rbac: { create: false } });
    expect(bare.map(({ kind }) => kind).toSorted()).toEqual(["ConfigMap", "Job", "Pod", "Pod"]);
    expect(only(bare, "Job").spec.template.spec.serviceAccountName).toBe("migrator");
  });

  it("passes the settings of the pod on", async () => {
    const pod = {
      nodeSelector: { "kubernetes.io/arch": "arm64" },
      tolerations: [{ key: "batch", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
      priorityClassName: "batch",
      terminationGracePeriodSeconds: 120,
    };
    const ca = { name: "ca", secret: { secretName: "ca" } };
    const changed = only(
      await render({
        imagePullSecrets: [{ name: "registry" }],
        migrate: {
          env: [{ name: "PGSSLROOTCERT", value: "/ca/ca.crt" }],
          envFrom: [{ configMapRef: { name: "settings" } }],
          volumeMounts: [{ name: "ca", mountPath: "/ca" }],
          extraArgs: ["--lock-timeout=5s"],
        },
        job: { ...pod, volumes: [ca], ttlSecondsAfterFinished: 86_400 },
      }),
      "Job",
    );
    expect(changed.spec["ttlSecondsAfterFinished"]).toBe(86_400);
    const { spec } = changed.spec.template;
    expect(spec).toMatchObject({ ...pod, imagePullSecrets: [{ name: "registry" }] });
    expect(spec.volumes).toContainEqual(ca);
    const [container] = spec.containers;
    expect(container?.args).toContain("--lock-timeout=5s");
    expect(container?.env).toContainEqual({ name: "PGSSLROOTCERT", value: "/ca/ca.crt" });
    expect(container?.envFrom).toEqual([{ configMapRef: { name: "settings" } }]);
    expect(container?.volumeMounts).toContainEqual({ name: "ca", mountPath: "/ca" });
  });

  it("fits Pod Security restricted", () => {
    for (const { securityContext } of [migrate, record]) expect(securityContext).toEqual(restricted);
  });
});

/** What the profile asks of a container, and a read-only root; no user, because OpenShift chooses its own. */
const restricted = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
