import type { V1ConfigMap, V1Job, V1Pod } from "@kubernetes/client-node";
import { execa } from "execa";
import type { Namespace } from "../environment/namespace.ts";

/** A change of a Job, a pod or a ConfigMap of the gate, as a watch of the API delivered it. */
export type ClusterEvent = {
  /** Milliseconds since the epoch at which the watch delivered it. */
  readonly at: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
} & (
  | { readonly kind: "Pod"; readonly object: V1Pod }
  | { readonly kind: "Job"; readonly object: V1Job }
  | { readonly kind: "ConfigMap"; readonly object: V1ConfigMap }
);

export interface Recorder extends AsyncDisposable {
  readonly events: readonly ClusterEvent[];
}

/** Watches the Jobs, pods and ledgers of a namespace until it is disposed of. */
export function startRecorder(namespace: Namespace): Recorder {
  const events: ClusterEvent[] = [];
  const controller = new AbortController();
  const watched = [["pods"], ["jobs"], ["configmaps", "--selector", "app.kubernetes.io/name=migration-gate"]];
  const watches = watched.map((objects) => watch(namespace, objects, controller.signal, (event) => events.push(event)));
  return {
    events,
    [Symbol.asyncDispose]: async () => {
      controller.abort();
      await Promise.all(watches);
    },
  };
}

async function watch(
  namespace: Namespace,
  objects: readonly string[],
  signal: AbortSignal,
  record: (event: ClusterEvent) => void,
): Promise<void> {
  const { cluster, name } = namespace;
  const flags = ["--kubeconfig", cluster.kubeconfig, "--context", cluster.context, "--namespace", name];
  const watching = ["get", ...objects, "--watch", "--output-watch-events", "--output", "json"];
  const subprocess = execa(cluster.kubectl, [...flags, ...watching], {
    cancelSignal: signal,
    reject: false,
    buffer: false,
    stdin: "ignore",
    stderr: "inherit",
  });
  // With --output-watch-events kubectl prints a line an event.
  for await (const line of subprocess) {
    const { type, object } = JSON.parse(line);
    record({ at: Date.now(), type, kind: object.kind, object });
  }
  await subprocess;
}
