/**
 * The command that lets a StatefulSet go on past this pod, or `undefined` for a pod of anything else. A StatefulSet
 * replaces no pod that has never become ready, not even by a corrected one:
 * https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
 *
 * Told by the pod's name, because a waiter may not read what owns its pod: an ordinal is shorter than the five
 * characters that every other controller appends.
 */
export function replacePodCommand(pod: string | undefined, namespace: string): string | undefined {
  return pod !== undefined && /-\d{1,4}$/.test(pod) ? `kubectl delete pod ${pod} -n ${namespace}` : undefined;
}
