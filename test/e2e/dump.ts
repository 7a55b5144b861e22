import type { Namespace } from "../../tools/environment/namespace.ts";

const kinds = "jobs,pods,deployments,replicasets,statefulsets,daemonsets,cronjobs";

/** Prints what a person would look at after a failure: objects, events, the ledgers, and the logs of all containers. */
export async function dump(namespace: Namespace): Promise<void> {
  const sections = [
    ["get", kinds, "--output", "wide"],
    ["get", "events", "--sort-by", ".metadata.creationTimestamp"],
    ["get", "configmaps", "--selector", "app.kubernetes.io/name=migration-gate", "--output", "yaml"],
    ["describe", "pods"],
  ];
  const pods = await namespace.kubectl("get", "pods", "--output", "name").catch(() => "");
  for (const pod of pods.split("\n").filter((name) => name !== "")) {
    sections.push(["logs", pod, "--all-containers", "--prefix", "--tail", "40"]);
  }
  for (const section of sections) {
    const output = await namespace.kubectl(...section).catch((error: Error) => error.message);
    console.error(`$ kubectl ${section.join(" ")}\n${output}\n`);
  }
}
