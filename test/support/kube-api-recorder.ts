import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type KubeApi, startKubeApi } from "./kube-api.ts";
import { jobName, ledgerName, recordArguments } from "./kube-api-blog.ts";
import { startWaiter, type WaiterPod } from "./kube-api-pod.ts";

/** A make-believe API server and the container `record` of a Job's pod, both new for each test. */
export interface Recorder {
  readonly api: KubeApi;
  /** The one that was started last. */
  readonly pod: WaiterPod;
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => WaiterPod;
  /** Starts `record` alongside a migration, whose report directory already holds `report`. */
  readonly startAlongside: (report?: string, env?: Readonly<Record<string, string>>) => WaiterPod;
  /** Kills the recorder as the kernel does, and starts it again beside the same migration, as the kubelet does. */
  readonly restart: () => Promise<WaiterPod>;
  /** Replaces the report as the migrator does; a text is written as it is. */
  readonly writeReport: (report: object | string) => void;
  /** What is in the ledger. */
  readonly data: () => Record<string, string>;
  readonly status: () => Record<string, unknown>;
  readonly acknowledged: () => { readonly runId: string } | undefined;
  readonly patches: () => KubeApi["requests"];
}

const env = { WAITER_JOB: jobName, WAITER_JOB_UID: "uid-1", WAITER_POD: "pod-1", WAITER_IMAGE: "acme/migrations:1" };

export function useRecorder(): Recorder {
  let api: KubeApi;
  let pod: WaiterPod;
  let reportDirectory: string;
  const pods: WaiterPod[] = [];
  beforeEach(async () => {
    api = await startKubeApi();
  });
  afterEach(async () => {
    await Promise.all(pods.splice(0).map((one) => one[Symbol.asyncDispose]()));
    await api[Symbol.asyncDispose]();
  });

  const start: Recorder["start"] = (args, extra = {}) => {
    pod = startWaiter(api, args, { env: { ...env, ...extra } });
    pods.push(pod);
    return pod;
  };
  const inReport = (name: string) => join(reportDirectory, name);
  const writeReport: Recorder["writeReport"] = (report) => {
    writeFileSync(inReport("temporary"), typeof report === "string" ? report : JSON.stringify(report));
    renameSync(inReport("temporary"), inReport("report.json"));
  };
  const data = () => (api.store.get("configmaps", ledgerName)?.["data"] ?? {}) as Record<string, string>;
  return {
    get api() {
      return api;
    },
    get pod() {
      return pod;
    },
    start,
    startAlongside(report, extra) {
      start([...recordArguments, "--report", "report"], extra);
      reportDirectory = join(pod.directory, "report");
      mkdirSync(reportDirectory);
      if (report !== undefined) writeReport(report);
      return pod;
    },
    async restart() {
      pod.process.kill("SIGKILL");
      await pod.ended;
      return start([...recordArguments, "--report", reportDirectory]);
    },
    writeReport,
    data,
    status: () => JSON.parse(data()["status"] ?? "{}") as Record<string, unknown>,
    acknowledged() {
      try {
        return JSON.parse(readFileSync(inReport("acknowledged.json"), "utf8")) as { runId: string };
      } catch {
        return undefined;
      }
    },
    patches: () => api.requests.filter(({ verb }) => verb === "patch"),
  };
}
