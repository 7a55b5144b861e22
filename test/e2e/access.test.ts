import type { V1Job, V1NetworkPolicy, V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { splitReference } from "../../tools/environment/blog.ts";
import { connectLocalCluster, type HelmMajor } from "../../tools/environment/cluster.ts";
import { databaseOwner } from "../../tools/environment/database.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { gateChart, isolated } from "../support/helm-charts.ts";
import { allowed, type Thing } from "./access-review.ts";

const images = inject("blogImages");

/** `shop` is read by the whole namespace, as is the default; `audit` by one account alone. */
const flags = {
  shop: ["--set-json", `networkPolicy=${JSON.stringify(isolated)}`],
  audit: ["--set", "waiter.serviceAccountNames={auditor}"],
};
type Release = keyof typeof flags;

// No migration runs here: the Secret that the Jobs' pods name does not exist.
describe.each<HelmMajor>([3, 4])("of a release by Helm %i", (major) => {
  let namespace: Namespace;
  const jobs: Record<Release, string> = { shop: "", audit: "" };

  beforeAll(async () => {
    namespace = await emptyNamespace(await connectLocalCluster(), `security-access-helm${major}`);
    const { repository, tag } = splitReference(images.migrations.v1);
    const waiter = splitReference(images.waiter);
    const values = {
      image: { repository, tag },
      waiter: { image: { registry: "", ...waiter } },
      database: databaseOwner,
    };
    for (const release of ["shop", "audit"] as const) {
      const settings = Object.entries(values).flatMap(([key, value]) => [
        "--set-json",
        `${key}=${JSON.stringify(value)}`,
      ]);
      await namespace.helm(major, "install", release, gateChart, ...settings, ...flags[release]);
      const selector = `app.kubernetes.io/instance=${release}`;
      const { items } = await namespace.get<{ items: V1Job[] }>("jobs", "--selector", selector);
      jobs[release] = items[0]?.metadata?.name ?? "";
    }
  });
  afterAll(() => deleteNamespace(namespace));

  /** All that a gate is made of, and what lies beside it. */
  const things = (): Thing[] => [
    { group: "batch", resource: "jobs" },
    { group: "batch", resource: "jobs", name: jobs.shop },
    { group: "batch", resource: "jobs", name: jobs.shop, subresource: "status" },
    { group: "batch", resource: "jobs", name: jobs.audit },
    { group: "batch", resource: "jobs", name: "neighbour" },
    { group: "batch", resource: "cronjobs" },
    { group: "apps", resource: "deployments" },
    { resource: "configmaps" },
    { resource: "configmaps", name: "shop-ledger" },
    { resource: "configmaps", name: "audit-ledger" },
    { resource: "configmaps", name: "neighbour" },
    { resource: "secrets" },
    { resource: "secrets", name: databaseOwner.existingSecret },
    { resource: "pods" },
    { resource: "pods", name: "neighbour" },
    { resource: "pods", name: "neighbour", subresource: "log" },
    { resource: "pods", name: "neighbour", subresource: "exec" },
    { resource: "events" },
    { resource: "serviceaccounts", name: "shop" },
    { resource: "serviceaccounts", name: "shop", subresource: "token" },
    { group: "rbac.authorization.k8s.io", resource: "roles" },
    { group: "rbac.authorization.k8s.io", resource: "rolebindings" },
    { group: "networking.k8s.io", resource: "networkpolicies" },
  ];
  const readsOf = (release: Release) =>
    [`jobs/${jobs[release]}`, `configmaps/${release}-ledger`].flatMap((name) =>
      ["get", "list", "watch"].map((verb) => `${verb} ${name}`),
    );
  const everythingAllowedTo = async (account: string) => new Set(await allowed(namespace, account, things()));

  test("every service account of the namespace may read its Job and its ledger, and nothing beside them", async () => {
    for (const account of ["web", "default"]) {
      expect(await everythingAllowedTo(account)).toEqual(new Set(readsOf("shop")));
    }
  });

  test("the named service account alone may read it, where accounts are named", async () => {
    expect(await everythingAllowedTo("auditor")).toEqual(new Set([...readsOf("shop"), ...readsOf("audit")]));
  });

  test("the Job's account may get and patch its own ledger beside that", async () => {
    expect(await everythingAllowedTo("shop")).toEqual(new Set([...readsOf("shop"), "patch configmaps/shop-ledger"]));
    const own = ["get configmaps/audit-ledger", "patch configmaps/audit-ledger"];
    expect(await everythingAllowedTo("audit")).toEqual(new Set([...readsOf("shop"), ...own]));
  });

  test("accounts of other namespaces may do nothing", async () => {
    for (const account of ["kube-system:default", "elsewhere:shop"]) {
      expect(await everythingAllowedTo(account)).toEqual(new Set());
    }
  });

  test("no account has a right that is not listed here", async () => {
    const rightsOf = async (account: string) => {
      const listed = await namespace.kubectl("auth", "can-i", "--list", "--no-headers", "--as", account);
      return listed.split("\n").map((line) => line.replaceAll(/ +/g, " "));
    };
    const everybody = await rightsOf("system:serviceaccount:elsewhere:nobody");
    const added = async (account: string) => {
      const rights = await rightsOf(`system:serviceaccount:${namespace.name}:${account}`);
      return new Set(rights.filter((right) => !everybody.includes(right)));
    };
    const shopReads = [`configmaps [] [shop-ledger] [get list watch]`, `jobs.batch [] [${jobs.shop}] [get list watch]`];
    expect(await added("web")).toEqual(new Set(shopReads));
    expect(await added("audit")).toEqual(new Set([...shopReads, "configmaps [] [audit-ledger] [get patch]"]));
  });

  test("lists are allowed for the one name, and refused for all", async () => {
    const account = ["--as", `system:serviceaccount:${namespace.name}:web`];
    const list = (kind: string, ...selector: string[]) =>
      namespace.kubectl("get", kind, "--output", "name", ...selector, ...account);
    expect(await list("configmaps", "--field-selector", "metadata.name=shop-ledger")).toBe("configmap/shop-ledger");
    expect(await list("jobs", "--field-selector", `metadata.name=${jobs.shop}`)).toBe(`job.batch/${jobs.shop}`);
    await expect(list("configmaps")).rejects.toThrow(/cannot list resource "configmaps"/);
    await expect(list("jobs")).rejects.toThrow(/cannot list resource "jobs"/);
    await expect(list("configmaps", "--field-selector", "metadata.name=kube-root-ca.crt")).rejects.toThrow(
      /cannot list/,
    );
    await expect(list("configmaps", "--selector", "app.kubernetes.io/name=migration-gate")).rejects.toThrow(
      /cannot list/,
    );
  });

  test("the API server takes the NetworkPolicy, which selects the Job's pod and no other", async () => {
    const policy = await namespace.get<V1NetworkPolicy>("networkpolicy", "shop");
    expect(policy.spec?.egress).toHaveLength(3);
    const labels = Object.entries(policy.spec?.podSelector?.matchLabels ?? {}).map((pair) => pair.join("="));
    const { items } = await namespace.get<{ items: V1Pod[] }>("pods", "--selector", labels.join());
    expect(items.map(({ metadata }) => metadata?.labels?.["batch.kubernetes.io/job-name"])).toEqual([jobs.shop]);
  });
});
