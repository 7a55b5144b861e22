/** What there is to wait for. */
export interface Target {
  readonly job: string;
  readonly ledger: string;
  readonly identity: string;
}

/** A program that holds a pod back until a Job has succeeded. */
export interface Contestant {
  readonly name: string;
  /** As a container is named. */
  readonly id: string;
  /** Where the Job may be missing when it starts. */
  readonly command: (target: Target) => readonly string[];
  /** Where the Job is known to be there, if that makes a difference. */
  readonly commandForExisting?: (target: Target) => readonly string[];
}

export const ownName = "waiter";
export const kubectlName = "kubectl wait";

export const contestants: readonly Contestant[] = [
  {
    name: ownName,
    id: "waiter",
    command: (target) => ["/usr/local/bin/node", "/app/waiter.mjs", ...waiterArguments(target)],
  },
  {
    name: kubectlName,
    id: "kubectl-wait",
    // Without the first command it ends at once where the Job is missing, as it is in every first installation.
    command: ({ job }) => shell(`kubectl wait --for=create --timeout=600s job/${job} && exec ${completion(job)}`),
    commandForExisting: ({ job }) => completion(job).split(" "),
  },
  {
    name: "poll every 2 s",
    id: "poll",
    command: ({ job }) =>
      shell(
        `until [ "$(kubectl get job ${job} --output jsonpath={.status.succeeded} 2>/dev/null)" = 1 ]; do sleep 2; done`,
      ),
  },
];

/** Does nothing: what it takes is the container's own cost. */
export const reference: Contestant = { name: "true", id: "true", command: () => ["/bin/true"] };

export function waiterArguments({ job, ledger, identity }: Target): string[] {
  return ["wait", `--job=${job}`, `--ledger=${ledger}`, `--identity=${identity}`, "--timeout=10m"];
}

function completion(job: string): string {
  return `kubectl wait --for=condition=complete --timeout=600s job/${job}`;
}

function shell(script: string): string[] {
  return ["/bin/sh", "-c", script];
}
