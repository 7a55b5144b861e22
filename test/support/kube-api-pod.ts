import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { KubeApi } from "./kube-api.ts";
import { bundleWaiter } from "./kube-api-bundle.ts";

/** The program as its image has it, bundled once for each test file. */
const bundle = bundleWaiter();
afterAll(() => rmSync(dirname(bundle), { recursive: true }));

export interface PodEnd {
  readonly exitCode: number | null;
  readonly durationMs: number;
}

/** The waiter's process in a make-believe pod: a mounted service account, the cluster's variables, a termination log. */
export interface WaiterPod extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly ended: Promise<PodEnd>;
  readonly directory: string;
  /** Parsed log lines so far. */
  readonly lines: readonly LogLine[];
  /** Standard output and error so far. */
  readonly output: string;
  readonly terminationMessage: string;
  setToken(token: string): void;
  /** Resolves with the first log line, past or future, that has this message; rejects when the process ends without. */
  line(message: string): Promise<LogLine>;
}

export interface LogLine {
  readonly msg: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

interface PodOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly token?: string;
}

export function startWaiter(
  api: Pick<KubeApi, "host" | "port" | "ca" | "namespace">,
  args: readonly string[],
  { env = {}, token = "first-token" }: PodOptions = {},
): WaiterPod {
  const directory = mkdtempSync(join(tmpdir(), "waiter-pod-"));
  const serviceAccount = join(directory, "serviceaccount");
  const terminationLog = join(directory, "termination-log");
  const setToken = (token: string) => writeFileSync(join(serviceAccount, "token"), token);
  mkdirSync(serviceAccount);
  setToken(token);
  writeFileSync(join(serviceAccount, "ca.crt"), api.ca);
  writeFileSync(join(serviceAccount, "namespace"), api.namespace);
  writeFileSync(terminationLog, "");

  const startedMs = performance.now();
  const child = spawn(process.execPath, [bundle, ...args], {
    cwd: directory,
    env: {
      PATH: process.env["PATH"],
      KUBERNETES_SERVICE_HOST: api.host,
      KUBERNETES_SERVICE_PORT: String(api.port),
      WAITER_SERVICE_ACCOUNT_DIR: serviceAccount,
      WAITER_TERMINATION_LOG: terminationLog,
      ...env,
    },
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<PodEnd>((resolve) => {
    child.on("close", (exitCode) => {
      resolve({ exitCode, durationMs: performance.now() - startedMs });
      for (const listener of listeners) listener();
    });
  });
  const lines = () => parseLines(output);

  return {
    process: child,
    ended,
    directory,
    get lines() {
      return lines();
    },
    get output() {
      return output;
    },
    get terminationMessage() {
      return readFileSync(terminationLog, "utf8");
    },
    setToken,
    line(message) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = lines().find(({ msg }) => msg === message);
          if (found) resolve(found);
          else if (child.exitCode !== null) reject(new Error(`ended without "${message}":\n${output}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      rmSync(directory, { recursive: true });
    },
  };
}

function parseLines(output: string): LogLine[] {
  const complete = output.slice(0, output.lastIndexOf("\n") + 1).split("\n");
  return complete.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as LogLine);
}
