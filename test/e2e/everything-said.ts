import { gunzipSync } from "node:zlib";
import type { V1Pod, V1Secret } from "@kubernetes/client-node";
import type { KubernetesObject, Namespace } from "../../tools/environment/namespace.ts";

/**
 * All text of a namespace that people without access to Secrets see, by where it stands: every object but the Secrets,
 * events among them, what Helm keeps of each release, and the logs of all containers, those of ended ones too.
 *
 * @param ignoredPod leaves out the logs of pods whose name begins with this
 */
export async function everythingSaid(namespace: Namespace, ignoredPod: string): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  const listed = await namespace.kubectl("api-resources", "--namespaced", "--verbs", "list", "--output", "name");
  const kinds = listed.split("\n").filter((kind) => kind !== "secrets");
  const { items: objects } = await namespace.get<{ items: KubernetesObject[] }>(kinds.join(), "--show-managed-fields");
  for (const object of objects) said.set(`${object.kind}/${object.metadata.name}`, JSON.stringify(object));
  const { items: secrets } = await namespace.get<{ items: V1Secret[] }>("secrets");
  for (const { metadata, type, data } of secrets) {
    if (type === "helm.sh/release.v1") said.set(metadata?.name ?? "", releaseText(data?.["release"] ?? ""));
  }
  const { items: pods } = await namespace.get<{ items: V1Pod[] }>("pods");
  for (const { metadata, status } of pods) {
    const pod = metadata?.name ?? "";
    if (pod.startsWith(ignoredPod)) continue;
    const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    for (const { name, state, lastState } of containers) {
      const log = (...flags: string[]) => namespace.kubectl("logs", pod, "--container", name, ...flags);
      // One that waits for its restart has run, one that waits for its first start has no log.
      if (state?.waiting && !lastState?.terminated) continue;
      said.set(`log of ${pod}/${name}`, await log());
      // Afterwards, because it may have been restarted just now.
      said.set(`log of ${pod}/${name} before its restart`, await log("--previous").catch(noneBefore));
    }
  }
  return said;
}

function noneBefore(error: Error): string {
  if (/previous terminated container .* not found/.test(error.message)) return "";
  throw error;
}

/** Helm packs a release into gzip and base64, and Kubernetes the whole into base64 once more. */
function releaseText(data: string): string {
  const packed = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
  return gunzipSync(packed).toString();
}

/** Where one of the texts stands, in any of the forms in which it travels: `PLACE: NAME`. */
export function placesOf(texts: Readonly<Record<string, string>>, said: ReadonlyMap<string, string>): string[] {
  return [...said].flatMap(([place, content]) =>
    Object.entries(texts)
      .filter(([, text]) => forms(text).some((form) => content.includes(form)))
      .map(([name]) => `${place}: ${name}`),
  );
}

function forms(text: string): string[] {
  return [text, encodeURIComponent(text), Buffer.from(text).toString("base64").replaceAll("=", "")];
}
