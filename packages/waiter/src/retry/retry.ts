import { setTimeout as sleep } from "node:timers/promises";
import type { ApiClient } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { backoffMs } from "../api/backoff.ts";
import { getObject, type NamedObject, objectPath } from "../api/named-object.ts";
import { DeletionTimeoutError, RetryBrokenOffError, RetryRefusedError } from "./errors.ts";
import type { RecreatedJob } from "./recreated-job.ts";

export interface RetryPorts {
  readonly api: ApiClient;
  /** Tells what was done, a line at a time. */
  readonly tell: (line: string) => void;
  /** Keeps the manifest where it outlives this process, and returns the command that creates the Job from it. */
  readonly save: (manifest: object) => string;
}

export interface FailedJob {
  readonly recreated: RecreatedJob;
  /** Of the Job that failed: no other one is deleted. */
  readonly uid: string;
}

/** How often a create that brings no answer is repeated, once the failed Job is gone. */
const createAttempts = 4;

/**
 * Deletes the failed Job with its pods, waits until it is gone and creates it anew. Before that the API server is asked
 * whether it would accept the new Job, so that what a right, a quota or a policy forbids is found out while nothing is lost.
 *
 * @throws ApiError, RetryRefusedError where nothing was changed.
 * @throws RetryBrokenOffError for everything, an interruption too, between the deletion and the creation.
 */
export async function retryJob(
  { recreated, uid }: FailedJob,
  timeoutMs: number,
  { api, tell, save }: RetryPorts,
  signal: AbortSignal,
): Promise<void> {
  const { manifest } = recreated;
  const job: NamedObject = { namespace: manifest.metadata.namespace, resource: "jobs", name: manifest.metadata.name };
  const brokenOff = (error: unknown) => {
    // A timer's AbortError says nothing of the Ctrl-C that it stands for.
    const cause: unknown = signal.aborted ? signal.reason : error;
    return new RetryBrokenOffError(job.name, save(manifest), cause as Error);
  };
  await rehearse(api, recreated, signal);
  try {
    await remove(api, job, uid, signal);
  } catch (error) {
    // Without an answer, or with one in the middle of the work, the Job may be gone all the same.
    if (error instanceof RetryRefusedError || isRefusal(error)) throw error;
    throw brokenOff(error);
  }
  tell(`deleted Job ${job.name} (uid ${uid}) with its pods`);
  try {
    const there = await goneOrReplaced(api, job, uid, timeoutMs, signal);
    const isOurs = there === "gone" && (await create(api, recreated, signal));
    tell(isOurs ? `created Job ${job.name} anew` : `Job ${job.name} is there anew already, created by somebody else`);
  } catch (error) {
    throw brokenOff(error);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status !== undefined && error.status >= 400 && error.status < 500;
}

/** A creation that is not carried out, under a name that is free. */
async function rehearse(api: ApiClient, { manifest, owner }: RecreatedJob, signal: AbortSignal): Promise<void> {
  const { name, ...metadata } = manifest.metadata;
  const body = { ...manifest, metadata: { ...metadata, generateName: `${name.slice(0, 52)}-` } };
  const query = { dryRun: "All", fieldManager: owner.manager };
  try {
    await api.request({ method: "POST", path: collectionOf(manifest.metadata.namespace), query, body }, signal);
  } catch (error) {
    // 400 comes of admission webhooks that cannot rehearse (their sideEffects say so): the real creation will tell.
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
  }
}

async function remove(api: ApiClient, job: NamedObject, uid: string, signal: AbortSignal): Promise<void> {
  // In the foreground the Job goes last: a new one of its name never meets the pods of the old one.
  const body = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Foreground", preconditions: { uid } };
  try {
    await api.request({ method: "DELETE", path: objectPath(job), body }, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 409 && error.status !== 404)) throw error;
    throw new RetryRefusedError(
      `Job ${job.name} was replaced or deleted meanwhile, nothing was done: see kubectl migration-gate status -n ${job.namespace}`,
      { cause: error },
    );
  }
}

async function goneOrReplaced(
  api: ApiClient,
  job: NamedObject,
  uid: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<"gone" | "replaced"> {
  const deadlineMs = performance.now() + timeoutMs;
  for (let failures = 0; ; ) {
    try {
      const { object } = await getObject(api, job, signal);
      if (!object) return "gone";
      if (object.metadata.uid !== uid) return "replaced";
      failures = 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failures += 1;
    }
    if (performance.now() >= deadlineMs) {
      throw new DeletionTimeoutError(
        `after ${Math.round(timeoutMs / 1000)} s it is still not gone (its pods, or finalizers: kubectl get job ${job.name} -n ${job.namespace} -o yaml)`,
      );
    }
    await sleep(backoffMs(failures), undefined, { signal });
  }
}

/** False where a Job of the name is there already. */
async function create(api: ApiClient, { manifest, owner }: RecreatedJob, signal: AbortSignal): Promise<boolean> {
  const { namespace, name } = manifest.metadata;
  const query = { fieldManager: owner.manager };
  const request =
    owner.operation === "Apply"
      ? ({
          method: "PATCH",
          path: `${collectionOf(namespace)}/${name}`,
          contentType: "application/apply-patch+yaml",
        } as const)
      : ({ method: "POST", path: collectionOf(namespace) } as const);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await api.request({ ...request, query, body: manifest }, signal);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 409) return false;
      const passes = error.status === undefined || error.status === 429 || error.status >= 500;
      if (!passes || attempt === createAttempts) throw error;
      await sleep(backoffMs(attempt, error.retryAfterMs), undefined, { signal });
    }
  }
}

function collectionOf(namespace: string): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs`;
}
