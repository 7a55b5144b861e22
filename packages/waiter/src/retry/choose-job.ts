import type { ApiObject } from "../api/named-object.ts";
import { readJob } from "../gate/job-state.ts";
import { newestJobs } from "../status/find-gates.ts";
import { gateName, gateOfJob } from "../status/gate-names.ts";
import { RetryRefusedError } from "./errors.ts";

export interface RetryTarget {
  readonly namespace: string;
  /** A release, or a Job's name. */
  readonly target: string;
  readonly gate: string | undefined;
  readonly identity: string | undefined;
}

/**
 * Chooses the one Job that is to be run again: of a release, the newest of each gate, unless an identity names another.
 * Helm forgets the Jobs of revisions that failed under `--wait`: they stay, and their time is over.
 *
 * @param named the Job of the name `target`, if there is one
 * @param ofRelease the Jobs of the release `target`
 * @throws RetryRefusedError that says what to do instead, where there is no such Job, more than one, or none that failed.
 */
export function chooseJob(
  { namespace, target, gate, identity }: RetryTarget,
  named: ApiObject | undefined,
  ofRelease: readonly ApiObject[],
): ApiObject {
  const isWanted = ({ metadata: { name } }: ApiObject) => {
    const own = gateOfJob(name);
    const isOfGate = gate === undefined || (own !== undefined && gateName(own) === gate);
    return isOfGate && (identity === undefined || own?.identity === identity);
  };
  const ofTarget = identity === undefined ? newestJobs(ofRelease) : ofRelease;
  const candidates = named ? [named] : ofTarget.filter(isWanted);
  const failed = candidates.filter((job) => readJob(job).kind === "failed");
  const [job, ...others] = failed.length > 0 ? failed : candidates;
  if (!job) {
    throw new RetryRefusedError(
      `there is no migration Job or release ${target} in namespace ${namespace}: the release's helm upgrade creates the Job; see: kubectl migration-gate status -n ${namespace}`,
    );
  }
  if (failed.length === 0) throw new RetryRefusedError(candidates.map((one) => refusal(one, namespace)).join("; "));
  if (others.length > 0) {
    const commands = failed.map(({ metadata }) => `kubectl migration-gate retry ${metadata.name} -n ${namespace}`);
    throw new RetryRefusedError(`several Jobs of release ${target} have failed, choose one: ${commands.join("; ")}`);
  }
  if (readJob(job).deleting) throw new RetryRefusedError(refusal(job, namespace));
  return job;
}

function refusal(job: ApiObject, namespace: string): string {
  const { name } = job.metadata;
  const { kind, deleting } = readJob(job);
  if (deleting)
    return `Job ${name} is being deleted already: wait until it is gone, then run the release's helm upgrade again`;
  switch (kind) {
    case "complete":
      return `Job ${name} is complete, so there is nothing to retry: to run the same set once more (after the database was restored or replaced), set a new job.rerunToken`;
    case "suspended":
      return `Job ${name} is suspended, not failed: kubectl patch job ${name} -n ${namespace} --type merge -p '{"spec":{"suspend":false}}'`;
    default:
      return `Job ${name} has not failed, it is running: kubectl logs -n ${namespace} job/${name} -c migrate --follow`;
  }
}
