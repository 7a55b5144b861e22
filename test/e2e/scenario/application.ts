import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { splitReference } from "../../../tools/environment/blog.ts";
import {
  application,
  type ChartSource,
  gateValues,
  restrictedContainer,
  temporaryDirectory,
} from "../../support/helm-charts.ts";

/** Of the local cluster: the first process of each pod, which ends on SIGTERM and does nothing else. */
const pauseImage = "localhost/migration-gate/pause:1";

/** The Secret that the gate of {@link tinyApplication} reads. */
export const ownerSecret = gateValues.database.existingSecret;

/** The smallest pod that Pod Security "restricted" admits. */
const tinyPodSpec = {
  // Nobody talks to it, so there is nothing to wait for at its end.
  terminationGracePeriodSeconds: 1,
  securityContext: { runAsUser: 65532 },
  containers: [{ ...restrictedContainer("pause"), image: pauseImage }],
};

/**
 * An application with one replica behind one gate, aliased `migrations`. Its pod spec is the value `podSpec`; its
 * Deployment, `deployment.yaml`, may be replaced by another workload. Only the migrations' image is left to be set.
 */
export function tinyApplication(waiterImage: string, templates: ChartSource["templates"] = {}): ChartSource {
  const waiter = { image: { registry: "", ...splitReference(waiterImage) } };
  const values = { podSpec: tinyPodSpec, migrations: { ...gateValues, waiter } };
  return application("shop", ["migrations"], { values, templates });
}

interface ChartMetadata {
  readonly dependencies?: readonly { readonly name: string }[];
}

/** A copy of a chart with the gate's own chart in another version, as after `helm dependency update`. */
export async function withGateVersion(chart: string, version: string): Promise<string> {
  const copy = join(await temporaryDirectory(), "shop");
  await cp(chart, copy, { recursive: true });
  const change = async (directory: string, edit: (metadata: ChartMetadata) => ChartMetadata) => {
    const file = join(copy, directory, "Chart.yaml");
    await writeFile(file, JSON.stringify(edit(parse(await readFile(file, "utf8")))));
  };
  await change("charts/migration-gate", (gate) => ({ ...gate, version }));
  await change(".", ({ dependencies = [], ...shop }) => ({
    ...shop,
    dependencies: dependencies.map((one) => (one.name === "migration-gate" ? { ...one, version } : one)),
  }));
  return copy;
}
