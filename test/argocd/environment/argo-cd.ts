import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { argoCdDirectory, type Cluster } from "../../../tools/environment/cluster.ts";
import type { Namespace } from "../../../tools/environment/namespace.ts";
import { freePort } from "../../support/free-port.ts";
import { installManifests } from "./manifests.ts";
import { type PartOptions, startPart } from "./part.ts";

export interface ArgoCd extends AsyncDisposable {
  /** Holds the Applications and Argo CD's settings. */
  readonly namespace: Namespace;
  /** What the application controller logs, debug level included: a file of JSON lines. */
  readonly controllerLog: string;
}

/**
 * Starts a real Argo CD for a cluster: definitions and settings in its namespace `argocd`, the parts that sync as
 * processes on this machine, with Helm 3, which is the one that Argo CD's image has. There is no API server and no
 * user interface: Applications are written with kubectl. Disposing of it ends and removes all of it.
 */
export async function startArgoCd(cluster: Cluster): Promise<ArgoCd> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "migration-gate-argocd-"));
  starting.defer(() => rm(directory, { recursive: true }));
  const built = await argoCdDirectory();
  const { namespace } = starting.use(await installManifests(cluster, join(built, "manifests")));
  const env = await prepareEnvironment(cluster, namespace.name, directory);
  const part = async (name: PartOptions["name"], args: string[], ready: PartOptions["ready"]) => {
    const log = join(directory, `${name}.log`);
    starting.use(await startPart({ program: join(built, "argocd"), name, args, env, log, ready }));
    return log;
  };

  const redis = await freePort();
  const store = ["--redis", `127.0.0.1:${redis}`];
  await part("redis", [`127.0.0.1:${redis}`], () => connected(redis));
  const [repositories, repositoriesHealth, health] = [await freePort(), await freePort(), await freePort()];
  await part(
    "repo-server",
    [
      ...store,
      "--address=127.0.0.1",
      `--port=${repositories}`,
      "--disable-tls",
      `--metrics-port=${repositoriesHealth}`,
    ],
    () => healthy(repositoriesHealth),
  );
  const controllerLog = await part(
    "application-controller",
    [
      ...store,
      `--repo-server=127.0.0.1:${repositories}`,
      "--repo-server-plaintext",
      `--metrics-port=${health}`,
      "--loglevel=debug",
      "--logformat=json",
    ],
    () => healthy(health),
  );
  const running = starting.move();
  return { namespace, controllerLog, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Gives the parts a place for their files, a Helm, and a kubeconfig whose namespace is that of Argo CD. */
async function prepareEnvironment(
  cluster: Cluster,
  namespace: string,
  directory: string,
): Promise<Record<string, string>> {
  const path = (name: string) => join(directory, name);
  for (const name of ["bin", "tmp", "tls", "ssh"]) await mkdir(path(name));
  await symlink(cluster.helm[3], path("bin/helm"));
  const connection = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context];
  const { stdout } = await execa(cluster.kubectl, ["config", "view", ...connection, "--raw", "--flatten", "--minify"]);
  await writeFile(path("kubeconfig"), stdout, { mode: 0o600 });
  const current = ["config", "set-context", "--current", "--namespace", namespace];
  await execa(cluster.kubectl, ["--kubeconfig", path("kubeconfig"), ...current]);
  return {
    KUBECONFIG: path("kubeconfig"),
    PATH: `${path("bin")}:${process.env["PATH"]}`,
    HOME: directory,
    TMPDIR: path("tmp"),
    // Takes https://kubernetes.default.svc for the cluster of the kubeconfig, though the parts run outside of it.
    ARGOCD_FAKE_IN_CLUSTER: "true",
    ARGOCD_TLS_DATA_PATH: path("tls"),
    ARGOCD_SSH_DATA_PATH: path("ssh"),
    ARGOCD_GPG_ENABLED: "false",
  };
}

async function healthy(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5_000) });
  if (!response.ok) throw new Error(`/healthz answers ${response.status}: ${await response.text()}`);
}

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.end();
      resolve();
    });
    socket.on("error", reject);
  });
}
