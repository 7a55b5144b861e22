import { migratorExitCodeMeaning } from "@migration-gate/cli-runtime/exit-codes";
import { type GateView, ownStatus } from "../gate/gate-view.ts";
import type { JobState } from "../gate/job-state.ts";
import type { LedgerFailure } from "../ledger/ledger.ts";
import { JobFailedError } from "./errors.ts";
import { replacePodCommand } from "./stateful-pod.ts";

/**
 * Tells all that is known about a failed Job: what went wrong, what Kubernetes says, where the log is, how to retry, and
 * what else is to be done for this `pod`.
 */
export function jobFailedError(view: GateView, job: JobState, pod: string | undefined): JobFailedError {
  const { gate, namespace } = view;
  const status = ownStatus(view);
  const failure = status?.phase === "failed" ? status.failure : undefined;
  const verdict = [job.reason, job.message].filter((part) => part !== undefined).join(": ") || "no reason given";
  const summary = `migration Job ${gate.job} failed: ${failure ? failureText(failure) : verdict}`;
  const exitCode = failure?.exitCode ?? exitCodeIn(job.message);
  const showLog = `kubectl logs -n ${namespace} job/${gate.job} -c migrate`;
  const retry = `kubectl migration-gate retry ${gate.job} -n ${namespace}`;
  const replacePod = replacePodCommand(pod, namespace);
  const retryByHand = `kubectl delete job ${gate.job} -n ${namespace}, then the same helm upgrade again (or a new job.rerunToken)`;
  const lines = [
    summary,
    ...(failure ? [`Job:       ${verdict}`] : []),
    ...(exitCode === undefined ? [] : [`Exit code: ${exitCodeText(exitCode, job, failure !== undefined)}`]),
    `Log:       ${showLog}`,
    `Fix:       correct the migration files and helm upgrade: they become a new Job`,
    ...(replacePod ? [`           then, because a StatefulSet replaces no pod that is not ready: ${replacePod}`] : []),
    `Retry:     if the cause was elsewhere: ${retry}`,
    `           or, without that plugin: ${retryByHand}`,
  ];
  return new JobFailedError(summary, lines.join("\n"), {
    job: gate.job,
    reason: job.reason,
    jobMessage: job.message,
    migratorExitCode: exitCode,
    failure,
    showLog,
    retry,
    ...(replacePod && { replacePod }),
  });
}

/** One line: place, SQLSTATE and message, as far as they are known. */
export function failureText({ place, sqlState, message }: LedgerFailure): string {
  return [place, sqlState && `SQLSTATE ${sqlState}`, message].filter(Boolean).join(": ");
}

/** As the condition message of a podFailurePolicy words it: "Container migrate for pod … failed with exit code 4 …". */
function exitCodeIn(message: string | undefined): number | undefined {
  const code = /exit code (\d{1,3})\b/.exec(message ?? "")?.[1];
  return code === undefined ? undefined : Number(code);
}

/** Only a report proves that the image is ours; to another tool the same number means something else. */
function exitCodeText(code: number, { isOtherTool }: JobState, isReported: boolean): string {
  if (isOtherTool) return `${code}, by the image's own tool: its log tells what that means`;
  const meaning = migratorExitCodeMeaning(code);
  if (!meaning) return String(code);
  return isReported ? `${code}, ${meaning}` : `${code} (of migration-gate's own migrator: ${meaning})`;
}
