import { splitReference } from "../../../tools/environment/blog.ts";
import { application, type ChartSource, gateValues } from "../../support/helm-charts.ts";

/** Of the local cluster: the first process of each pod, which ends on SIGTERM and does nothing else. */
const pauseImage = "localhost/migration-gate/pause:1";

/** The Secret that the gate of {@link tinyApplication} reads. */
export const ownerSecret = gateValues.database.existingSecret;

/** The smallest pod that Pod Security "restricted" admits. */
export const tinyPodSpec = {
  // Nobody talks to it, so there is nothing to wait for at its end.
  terminationGracePeriodSeconds: 1,
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
  containers: [
    {
      name: "pause",
      image: pauseImage,
      resources: { requests: { cpu: "1m", memory: "4Mi" } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
    },
  ],
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
