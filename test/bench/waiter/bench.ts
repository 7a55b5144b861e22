import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { type ApiClient, openApiClient } from "../../../packages/waiter/src/api/api-client.ts";
import { ApiError } from "../../../packages/waiter/src/api/api-error.ts";
import { type ApiAddress, podTransport } from "../../../packages/waiter/src/api/api-transport.ts";
import type { Cluster } from "../../../tools/environment/cluster.ts";
import { deleteNamespace, emptyNamespace, type Namespace } from "../../../tools/environment/namespace.ts";
import { shareLocalCluster } from "../../../tools/environment/shared-cluster.ts";
import { type ContainerEvents, followContainers } from "./container-events.ts";
import { type BenchImages, provideBenchImages } from "./images.ts";

/** How a program reaches the API server. */
export interface ApiAccess {
  readonly address: ApiAddress;
  readonly ca: string;
  /** Of the namespace's default service account, which may read what is in it. */
  readonly token: string;
}

/** The cluster with a namespace of the benchmark's own, which is deleted with all that is in it at the end. */
export interface WaiterBench extends AsyncDisposable {
  readonly namespace: Namespace;
  readonly images: BenchImages;
  readonly containers: ContainerEvents;
  readonly access: ApiAccess;
  /** May do in the namespace what its administrator may. Requests by this cost the machine much less than kubectl. */
  readonly api: ApiClient;
  /** The paths below are relative to the namespace; `group` is `/api/v1` or `/apis/GROUP/VERSION`. */
  create(group: string, resource: string, body: object): Promise<void>;
  read<T>(group: string, path: string): Promise<T>;
  /** Does nothing where there is no such object. What it owns is deleted too, later. */
  remove(group: string, path: string): Promise<void>;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const namespaceName = "migration-gate-bench-waiter";
const driver = "bench-driver";

/** Starts the local cluster where it is down; then it is ended with the benchmark, unless others have come to use it. */
export async function openWaiterBench(log: (line: string) => void, signal: AbortSignal): Promise<WaiterBench> {
  await using opened = new AsyncDisposableStack();
  const { cluster } = opened.use(await shareLocalCluster(log));
  signal.throwIfAborted();
  const images = await provideBenchImages(cluster, log);
  signal.throwIfAborted();
  const containers = opened.use(await followContainers());
  const namespace = opened.adopt(await emptyNamespace(cluster, namespaceName), deleteNamespace);
  await namespace.apply(...driverObjects());
  const { address, ca } = await apiServerOf(cluster);
  const tokenOf = (account: string) => namespace.kubectl("create", "token", account, "--duration=2h");
  const driverToken = await tokenOf(driver);
  const api = opened.adopt(openApiClient(podTransport(address, () => ({ token: driverToken, ca }))), (client) =>
    client.close(),
  );
  const access = { address, ca, token: await tokenOf("default") };
  const pathOf = (group: string, path: string) => `${group}/namespaces/${namespaceName}/${path}`;
  const bench = opened.move();
  return {
    namespace,
    images,
    containers,
    access,
    api,
    log,
    signal,
    create: async (group, resource, body) =>
      void (await api.request({ method: "POST", path: pathOf(group, resource), body }, signal)),
    read: async <T>(group: string, path: string) => (await api.request({ path: pathOf(group, path) }, signal)) as T,
    remove: async (group, path) => {
      const body = { propagationPolicy: "Background", gracePeriodSeconds: 0 };
      await api.request({ method: "DELETE", path: pathOf(group, path), body }, signal).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    },
    [Symbol.asyncDispose]: () => bench.disposeAsync(),
  };
}

function driverObjects() {
  const bind = (account: string, clusterRole: string) => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: `bench-${clusterRole}` },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: clusterRole },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: namespaceName }],
  });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: driver } };
  return [account, bind(driver, "admin"), bind("default", "view")];
}

async function apiServerOf({ kubeconfig }: Cluster): Promise<Pick<ApiAccess, "address" | "ca">> {
  const { clusters } = parse(await readFile(kubeconfig, "utf8"));
  const { server, "certificate-authority-data": authority } = clusters[0].cluster;
  const { hostname, port } = new URL(server);
  return { address: { host: hostname, port: Number(port) }, ca: Buffer.from(authority, "base64").toString() };
}
