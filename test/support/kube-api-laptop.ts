import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeEach } from "vitest";
import { type KubeApi, startKubeApi } from "./kube-api.ts";
import { bundleWaiter } from "./kube-api-bundle.ts";

const bundle = bundleWaiter();
afterAll(() => rmSync(dirname(bundle), { recursive: true }));

/** Somebody's machine: a kubeconfig, and a directory to work in. */
export interface Laptop extends Disposable {
  readonly directory: string;
  readonly kubeconfig: string;
  /** Runs the program to its end, with no terminal; it is killed after 30 s. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Sends a Ctrl-C. */
  readonly signal?: AbortSignal;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Gives every test of the file an API server of its own, and a laptop that reaches it. */
export function useLaptop(): { readonly api: KubeApi; readonly laptop: Laptop } {
  let api: KubeApi;
  let laptop: Laptop;
  beforeEach(async () => {
    api = await startKubeApi();
    laptop = openLaptop(api);
  });
  afterEach(async () => {
    laptop[Symbol.dispose]();
    await api[Symbol.asyncDispose]();
  });
  return {
    get api() {
      return api;
    },
    get laptop() {
      return laptop;
    },
  };
}

/** `user` is the kubeconfig's; without one it has the token that the API server knows. */
export function openLaptop(
  api: Pick<KubeApi, "host" | "port" | "ca" | "namespace">,
  user: object = { token: "first-token" },
): Laptop {
  const directory = mkdtempSync(join(tmpdir(), "waiter-laptop-"));
  const kubeconfig = join(directory, "kubeconfig");
  const server = `https://${api.host}:${api.port}`;
  const cluster = { server, "certificate-authority-data": Buffer.from(api.ca).toString("base64") };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "fake", cluster }],
    users: [{ name: "me", user }],
    contexts: [{ name: "blog", context: { cluster: "fake", user: "me", namespace: api.namespace } }],
    "current-context": "blog",
  };
  // JSON is YAML.
  writeFileSync(kubeconfig, JSON.stringify(config));
  return {
    directory,
    kubeconfig,
    async run(args, { env = {}, signal } = {}) {
      const child = spawn(process.execPath, [bundle, ...args], {
        cwd: directory,
        env: { PATH: process.env["PATH"], HOME: directory, KUBECONFIG: kubeconfig, ...env },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 30_000,
      });
      signal?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
      const [stdout, stderr, [exitCode]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      return { exitCode: (exitCode as number | null) ?? -1, stdout, stderr };
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}
