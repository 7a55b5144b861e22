import type { V1Container, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { until } from "../../../tools/environment/until.ts";
import type { WaiterBench } from "./bench.ts";

export interface ContainerLimits {
  readonly memory?: string;
  readonly cpu?: string;
}

export function container(name: string, image: string, command: readonly string[], limits?: ContainerLimits) {
  return {
    name,
    image,
    command: [...command],
    ...(limits && { resources: { limits: { ...limits }, requests: { memory: "4Mi", cpu: "1m" } } }),
    securityContext: {
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  } satisfies V1Container;
}

/** A pod whose containers run once, and for `deadlineSeconds` at most. */
export function pod(
  name: string,
  initContainers: readonly V1Container[],
  containers: readonly V1Container[],
  deadlineSeconds = 100,
): V1Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: deadlineSeconds,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      initContainers: [...initContainers],
      containers: [...containers],
    },
  };
}

/** Runs pods to their ends, one way or the other, and deletes them. `meanwhile` runs once they are created. */
export async function runPods(
  bench: WaiterBench,
  pods: readonly V1Pod[],
  meanwhile: () => Promise<void> = async () => {},
): Promise<V1Pod[]> {
  const names = pods.map(({ metadata }) => metadata?.name ?? "");
  for (const body of pods) await bench.create("/api/v1", "pods", body);
  await meanwhile();
  const ended: V1Pod[] = [];
  for (const name of names) {
    ended.push(
      await until(
        `the end of pod ${name}`,
        async () => {
          const found = await bench.read<V1Pod>("/api/v1", `pods/${name}`);
          return ["Succeeded", "Failed"].includes(found.status?.phase ?? "") && found;
        },
        { intervalMs: 250, signal: bench.signal },
      ),
    );
  }
  for (const name of names) await bench.remove("/api/v1", `pods/${name}`);
  return ended;
}

/** @throws where the pod has no such container */
export function statusOf({ metadata, status }: V1Pod, name: string): V1ContainerStatus {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const found = statuses.find((each) => each.name === name);
  if (!found) throw new Error(`pod ${metadata?.name} has no container ${name}`);
  return found;
}

/** @throws where it ended with another code than 0 */
export function succeededStatus(ended: V1Pod, name: string): V1ContainerStatus {
  const status = statusOf(ended, name);
  const { exitCode, reason, message } = status.state?.terminated ?? {};
  if (exitCode === 0) return status;
  throw new Error(`container ${name} of pod ${ended.metadata?.name} ended with ${exitCode} (${reason}): ${message}`);
}

/** How long the container's process ran, in milliseconds. */
export async function runTimeMs({ containers }: WaiterBench, { containerID }: V1ContainerStatus): Promise<number> {
  return (await containers.exited(containerID)) - (await containers.started(containerID));
}
