import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { recreatedJob } from "../../packages/waiter/src/retry/recreated-job.ts";
import type { KubernetesObject, Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { logThatTells } from "../e2e/container-log.ts";

/** Deletes the application's pods, and returns when they are gone. */
export async function deletePods({ kubectl }: Namespace): Promise<void> {
  await kubectl("delete", "pods", "--selector", "app=shop");
}

export async function deleteLedger({ kubectl }: Namespace): Promise<void> {
  await kubectl("delete", "configmap", ledger);
}

/** Leaves what a replacement of the whole object leaves, as by `kubectl replace` and `helm upgrade --force`. */
export async function emptyLedger({ kubectl }: Namespace): Promise<void> {
  await kubectl("patch", "configmap", ledger, "--type=json", '--patch=[{"op":"remove","path":"/data"}]');
}

const ledger = "shop-migrations-ledger";

/** Deletes a Job and creates it again, as `kubectl replace --force` does. */
export async function replaceJob(namespace: Namespace, name: string): Promise<void> {
  const job = await namespace.get<V1Job & KubernetesObject>("job", name);
  await namespace.kubectl("delete", "job", name);
  await namespace.apply({ ...recreatedJob(job).manifest, apiVersion: "batch/v1", kind: "Job" });
}

/** Ends a waiter that waits; the kubelet starts it again in the same pod, with the same address and token. */
export async function restartWaiter(namespace: Namespace, pod: string): Promise<void> {
  const waiter = "wait-for-migrations";
  const restarts = async () => {
    const { status } = await namespace.get<V1Pod>("pod", pod);
    return status?.initContainerStatuses?.[0]?.restartCount ?? 0;
  };
  // Before that a signal would not be heard.
  await logThatTells(namespace, pod, waiter, "waiting for migrations");
  const before = await restarts();
  const command = ["/usr/local/bin/node", "--eval", "process.kill(1)"];
  const told = namespace.kubectl("exec", pod, "--container", waiter, "--", ...command);
  // Who tells it ends with its container, and fails or not: only the restart counts.
  await Promise.allSettled([told]);
  await until("the waiter is started again", async () => (await restarts()) > before);
}
