import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { type Collection, listObjects } from "../api/list-objects.ts";
import type { ApiObject } from "../api/named-object.ts";
import { apiGroup } from "../api/role-rule.ts";
import { plainText } from "../ledger/plain-text.ts";
import { findGates } from "./find-gates.ts";
import { gateLabel, releaseLabel } from "./gate-names.ts";
import { type GateStatus, gateStatus } from "./gate-status.ts";
import { waitingPod } from "./waiting-pods.ts";

export interface StatusTarget {
  readonly namespace: string;
  /** `undefined`: every release of the namespace. */
  readonly release: string | undefined;
}

export interface StatusReport extends StatusTarget {
  readonly gates: readonly GateStatus[];
  /** What could not be shown, and which right would show it. */
  readonly problems: readonly string[];
}

/**
 * Reads the gates of a namespace or of one release, with rights in that namespace alone. What may not be listed is left
 * out and said.
 *
 * @throws ApiError where the API server gives no usable answer, or does not accept the credentials.
 */
export async function readStatus(api: ApiClient, target: StatusTarget, signal: AbortSignal): Promise<StatusReport> {
  const { namespace, release } = target;
  const labelSelector = release === undefined ? gateLabel : `${gateLabel},${releaseLabel}=${release}`;
  const problems: string[] = [];
  const list = async (resource: Collection["resource"], selectors: Collection["selectors"]) => {
    const objects = await listOrRefusal(api, { namespace, resource, selectors }, signal);
    if (!(objects instanceof ApiError)) return objects;
    problems.push(refusalText(resource, namespace, objects));
    return undefined;
  };
  const [jobs, configMaps, pods] = await Promise.all([
    list("jobs", { labelSelector }),
    list("configmaps", { labelSelector }),
    // A pod in an init container is Pending, and no other phase.
    list("pods", { fieldSelector: "status.phase=Pending" }),
  ]);
  const waiting = pods?.flatMap((pod) => waitingPod(pod) ?? []);
  const gates = findGates({ jobs, configMaps, waiting }, release);
  return { namespace, release, gates: gates.map((gate) => gateStatus(gate, namespace)), problems };
}

async function listOrRefusal(
  api: ApiClient,
  collection: Collection,
  signal: AbortSignal,
): Promise<ApiObject[] | ApiError> {
  try {
    return await listObjects(api, collection, signal);
  } catch (error) {
    if (error instanceof ApiError && error.trouble === "forbidden") return error;
    throw error;
  }
}

function refusalText(resource: Collection["resource"], namespace: string, { message }: ApiError): string {
  const group = resource === "jobs" ? apiGroup(resource) : "";
  const rule = `{ apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["list"] }`;
  return `${resource} cannot be shown: ${plainText(message, 512)}; needed in namespace ${namespace}: ${rule}`;
}
