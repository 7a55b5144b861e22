import type { V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import type { DatabasePasswords } from "../../examples/blog/database/objects.ts";
import { splitReference } from "../../tools/environment/blog.ts";
import { connectLocalCluster } from "../../tools/environment/cluster.ts";
import { createCredentials, databaseOwner, startDatabase } from "../../tools/environment/database.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { application, explicitApplication, writeChart } from "../support/helm-charts.ts";
import { dump } from "./dump.ts";
import { attack, inspect, type Place } from "./inside/run.ts";
import { migrationsImageOf } from "./migrations-image.ts";

const images = inject("blogImages");
const mount = "/run/secrets/kubernetes.io/serviceaccount";
const tokenFile = `/var${mount}/token`;

/** An application that does nothing, as Pod Security "restricted" allows it. */
const podSpec = {
  serviceAccountName: "web",
  terminationGracePeriodSeconds: 0,
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "web",
      image: images.blog,
      command: ["/usr/local/bin/node", "--eval", "setInterval(() => {}, 60_000)"],
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    },
  ],
};
const ownToken = { ...podSpec, automountServiceAccountToken: true };

/** The three forms in which a pod is gated, by the names of their releases. */
const forms = (migrations: object) => ({
  "one-call": application("one-call", ["migrations"], { values: { podSpec, migrations } }),
  explicit: { ...explicitApplication("explicit", "migrations"), values: { podSpec, migrations } },
  "own-token": application("own-token", ["migrations"], { values: { podSpec: ownToken, migrations } }),
});
const releases = ["one-call", "explicit", "own-token"] as const;
type Release = (typeof releases)[number];

/** What a container of ours is, whatever it holds. */
const confined = {
  uid: 65_532,
  capabilities: "0000000000000000",
  noNewPrivileges: true,
  seccompFilter: true,
};

// One story: the containers are looked into while the database is away, and again when it has come.
describe("somebody who has taken over a container", () => {
  let namespace: Namespace;
  let passwords: DatabasePasswords;
  const account = (name: string) => `system:serviceaccount:${namespace.name}:${name}`;
  const api = (path: string) => `/api/v1/namespaces/${namespace.name}/${path}`;

  async function placeIn(container: string, selector: string): Promise<Place> {
    const { items } = await namespace.get<{ items: V1Pod[] }>("pods", "--selector", selector);
    return { pod: items[0]?.metadata?.name ?? "", container };
  }
  const inApplication = (release: Release, container: string) => placeIn(container, `app=${release}`);
  const inJob = (release: Release, container: string) =>
    placeIn(container, `app.kubernetes.io/name=migration-gate,app.kubernetes.io/instance=${release}`);

  beforeAll(async () => {
    const cluster = await connectLocalCluster();
    namespace = await emptyNamespace(cluster, "security-tokens");
    passwords = await createCredentials(namespace);
    await namespace.apply(
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "web" } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "neighbour" } },
    );
    const set = { "0001_create_posts.sql": "create table posts (title text);" };
    const charts = forms({
      image: splitReference(await migrationsImageOf(cluster, "security-tokens", set)),
      waiter: { image: { registry: "", ...splitReference(images.waiter) } },
      database: databaseOwner,
      // One attempt that lasts as long as the tests look into it.
      migrate: { waitBudgetSeconds: 1800 },
      job: { backoffLimit: 0 },
    });
    for (const release of releases) await namespace.helm(4, "install", release, await writeChart(charts[release]));
    await runningContainers(2 * releases.length, "wait-for-migrations", "record", "migrate");
  });
  beforeEach(({ onTestFailed }) => onTestFailed(() => dump(namespace)));
  afterAll(() => deleteNamespace(namespace));

  /** Waits until that many pods run all of these containers that they have. */
  async function runningContainers(count: number, ...names: string[]): Promise<void> {
    await until(
      `${names} run in ${count} pods`,
      async () => {
        const { items } = await namespace.get<{ items: V1Pod[] }>("pods");
        const running = items.filter(({ status }) => {
          const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
          const awaited = statuses.filter(({ name }) => names.includes(name));
          return awaited.length > 0 && awaited.every(({ state }) => state?.running);
        });
        return running.length === count;
      },
      { timeoutMs: 180_000, intervalMs: 500 },
    );
  }

  test.each(releases)("finds in the waiter a token that reads, and no credentials: %s", async (release) => {
    const waiter = await inApplication(release, "wait-for-migrations");
    expect(await inspect(namespace, waiter)).toEqual({
      ...confined,
      gid: 65_532,
      tokens: { [mount]: account("web") },
      databaseUsers: {},
      writable: [],
    });
  });

  test("finds in migrate the owner's credentials and no token, in record a token and no credentials", async () => {
    const shared = { ...confined, gid: 65_532, writable: ["/run/migration-gate"] };
    expect(await inspect(namespace, await inJob("one-call", "migrate"))).toEqual({
      ...shared,
      tokens: {},
      databaseUsers: { DATABASE_URL: "blog_owner" },
    });
    expect(await inspect(namespace, await inJob("one-call", "record"))).toEqual({
      ...shared,
      tokens: { [mount]: account("one-call-migrations") },
      databaseUsers: {},
    });
  });

  test("gets out of record the ledger, to read and to patch, and nothing else", async () => {
    const ledger = api("configmaps/one-call-migrations-ledger");
    const record = await inJob("one-call", "record");
    expect(await attack(namespace, record, tokenFile, [`GET ${ledger}`, `PATCH ${ledger}`])).toEqual({
      [`GET ${ledger}`]: 200,
      [`PATCH ${ledger}`]: 200,
    });
    const forbidden = [
      `DELETE ${ledger}`,
      `GET ${api("configmaps")}`,
      `POST ${api("configmaps")}`,
      `GET ${api("configmaps/neighbour")}`,
      `PATCH ${api("configmaps/neighbour")}`,
      `PATCH ${api("configmaps/explicit-migrations-ledger")}`,
      `GET ${api("secrets/blog-db-owner")}`,
      `GET ${api("secrets")}`,
      `GET ${api("pods")}`,
      `POST ${api("serviceaccounts/web/token")}`,
      `DELETE /apis/batch/v1/namespaces/${namespace.name}/jobs`,
      "GET /api/v1/namespaces/kube-system/secrets",
    ];
    const answers = await attack(namespace, record, tokenFile, forbidden);
    expect(answers).toEqual(Object.fromEntries(forbidden.map((request) => [request, 403])));
  });

  test("gets out of the waiter the ledger, to read", async () => {
    const ledger = api("configmaps/one-call-migrations-ledger");
    const waiter = await inApplication("one-call", "wait-for-migrations");
    const requests = [`GET ${ledger}`, `PATCH ${ledger}`, `GET ${api("configmaps")}`, `GET ${api("secrets")}`];
    expect(Object.values(await attack(namespace, waiter, tokenFile, requests))).toEqual([200, 403, 403, 403]);
  });

  test("gets nothing out of the API server from migrate", async () => {
    const requests = [`GET ${api("configmaps/one-call-migrations-ledger")}`, `GET ${api("secrets")}`];
    const answers = await attack(namespace, await inJob("one-call", "migrate"), "", requests);
    expect(Object.values(answers)).toEqual([403, 403]);
  });

  test("finds in the application only a token that it has asked for", async () => {
    await startDatabase(namespace, images.postgres, passwords);
    const found: Record<string, unknown> = {};
    for (const release of releases) {
      await namespace.kubectl("rollout", "status", `deployment/${release}-${release}`, "--timeout", "180s");
      found[release] = (await inspect(namespace, await inApplication(release, "web"))).tokens;
    }
    expect(found).toEqual({ "one-call": {}, explicit: {}, "own-token": { [mount]: account("web") } });
  });
});
