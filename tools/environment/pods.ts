import type { V1Pod } from "@kubernetes/client-node";
import type { Namespace } from "./namespace.ts";

/** A pod that its gate does not let in, and what it says about it. */
export interface ClosedGate {
  readonly pod: string;
  readonly container: string;
  readonly exitCode: number;
  readonly message: string;
}

/** Finds a pod of an application whose waiter has ended without opening the gate, and was not told to end. */
export async function closedGate(namespace: Namespace, application: string): Promise<ClosedGate | undefined> {
  const pods = await listPods(namespace, application);
  for (const pod of pods) {
    const waiter = pod.status?.initContainerStatuses?.[0];
    const ended = waiter?.state?.terminated ?? waiter?.lastState?.terminated;
    const isOpen = ended?.exitCode === 0 || waiter?.ready;
    if (!waiter || !ended || isOpen || pod.metadata?.deletionTimestamp) continue;
    return {
      pod: pod.metadata?.name ?? "",
      container: waiter.name,
      exitCode: ended.exitCode,
      message: ended.message ?? "",
    };
  }
  return undefined;
}

export async function listPods(namespace: Namespace, application: string): Promise<V1Pod[]> {
  const selector = `app.kubernetes.io/name=${application}`;
  return (await namespace.get<{ items: V1Pod[] }>("pods", "--selector", selector)).items;
}
