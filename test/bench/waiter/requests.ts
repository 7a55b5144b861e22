import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createCertificate } from "../../support/kube-api-certificate.ts";
import { appliedCommand } from "./applied.ts";
import type { WaiterBench } from "./bench.ts";
import { type Contestant, contestants, ownName, type Target, waiterArguments } from "./contestants.ts";
import { type CountingProxy, startCountingProxy } from "./counting-proxy.ts";
import { together } from "./together.ts";

/** What one waiter asks of the API server. */
export interface RequestFigures {
  readonly name: string;
  /** All until it has found that the migration was applied. */
  readonly applied: readonly string[];
  /** In the first seconds of waiting for a Job that is there and not done. */
  readonly start: readonly string[];
  readonly connectionsAtStart: number;
  /** After the start. */
  readonly requestsPerMinute: number;
  readonly connectionsPerMinute: number;
  readonly observedSeconds: number;
}

const startSeconds = 6;
const waiterProgram = fileURLToPath(new URL("../../../packages/waiter/src/cli.ts", import.meta.url));

/** Runs every contestant as a process of this machine, with a proxy of its own before the API server that counts. */
export async function measureRequests(
  bench: WaiterBench,
  applied: Target,
  observedSeconds: number,
): Promise<RequestFigures[]> {
  const waiting = await createUnfinishedJob(bench, applied);
  return await together(
    contestants.map(async (contestant): Promise<RequestFigures> => {
      await using first = await startContestant(bench, contestant, applied);
      await first.end();
      await using second = await startContestant(bench, contestant, waiting);
      const count = () => ({ requests: second.seen.requests.length, connections: second.seen.connections });
      await sleep(startSeconds * 1000, undefined, { signal: bench.signal });
      const atStart = count();
      await sleep(observedSeconds * 1000, undefined, { signal: bench.signal });
      const atEnd = count();
      const perMinute = (number: number) => (number * 60) / observedSeconds;
      return {
        name: contestant.name,
        applied: first.seen.requests,
        start: second.seen.requests.slice(0, atStart.requests),
        connectionsAtStart: atStart.connections,
        requestsPerMinute: perMinute(atEnd.requests - atStart.requests),
        connectionsPerMinute: perMinute(atEnd.connections - atStart.connections),
        observedSeconds,
      };
    }),
  );
}

/** Suspended, so that nothing ever happens to it. */
async function createUnfinishedJob({ create, images }: WaiterBench, { ledger }: Target): Promise<Target> {
  const target = { job: "gate-unfinished", ledger, identity: "0000000000" };
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "none", image: images.contestants }] } };
  await create("/apis/batch/v1", "jobs", {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: target.job },
    spec: { suspend: true, template },
  });
  return target;
}

interface RunningContestant extends AsyncDisposable {
  readonly seen: CountingProxy["seen"];
  /** @throws where it ends with another code than 0 */
  end(): Promise<void>;
}

/** Disposing kills the program with its children. */
async function startContestant(
  { access, namespace, signal }: WaiterBench,
  contestant: Contestant,
  target: Target,
): Promise<RunningContestant> {
  await using opened = new AsyncDisposableStack();
  const certificate = createCertificate();
  const proxy = opened.use(await startCountingProxy(access, certificate));
  const directory = opened.adopt(await mkdtemp(join(tmpdir(), "migration-gate-bench-")), (path) =>
    rm(path, { recursive: true }),
  );
  const files = { token: access.token, "ca.crt": certificate.cert, namespace: namespace.name };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const kubeconfig = join(directory, "kubeconfig");
  await writeFile(kubeconfig, kubeconfigFor(proxy.port, certificate.cert, access.token, namespace.name));
  const [command = "", ...args] =
    contestant.name === ownName
      ? [process.execPath, waiterProgram, ...waiterArguments(target)]
      : appliedCommand(contestant, target);
  const child = spawn(command, args, {
    stdio: "ignore",
    detached: true,
    env: {
      PATH: `${dirname(namespace.cluster.kubectl)}:/usr/bin:/bin`,
      // As on a read-only root file system, kubectl cannot keep there what it has discovered.
      HOME: "/proc/none",
      KUBECONFIG: kubeconfig,
      KUBERNETES_SERVICE_HOST: "127.0.0.1",
      KUBERNETES_SERVICE_PORT: String(proxy.port),
      WAITER_SERVICE_ACCOUNT_DIR: directory,
    },
  });
  const exited = once(child, "exit");
  opened.defer(async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, "SIGKILL");
    await exited;
  });
  const running = opened.move();
  return {
    seen: proxy.seen,
    end: async () => {
      const aborted = once(signal, "abort").then(() => Promise.reject(signal.reason));
      const [exitCode] = await Promise.race([exited, aborted]);
      if (exitCode !== 0) throw new Error(`${contestant.name} ended with ${exitCode} on this machine`);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** JSON is YAML. */
function kubeconfigFor(port: number, ca: string, token: string, namespace: string): string {
  const name = "counted";
  const cluster = {
    server: `https://127.0.0.1:${port}`,
    "certificate-authority-data": Buffer.from(ca).toString("base64"),
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    "current-context": name,
  });
}
