import type { ApiError } from "../api/api-error.ts";
import { roleRule } from "../api/role-rule.ts";
import type { TokenOwner } from "../api/service-account.ts";
import { type GateView, knownJobUid, ownStatus, type Seen, type Trouble } from "../gate/gate-view.ts";
import type { JobState } from "../gate/job-state.ts";
import { replacePodCommand } from "./stateful-pod.ts";

/** Advice for a state that has lasted suspiciously long; each kind is given once for each gate. */
export interface Hint {
  readonly kind: "access" | "job-absent" | "no-report";
  readonly text: string;
}

/** Gives the hints for what has been wrong for at least `afterMs`, to the pod that the token was issued to. */
export function dueHints(view: GateView, owner: TokenOwner, nowMs: number, afterMs: number): Hint[] {
  const isOld = ({ sinceMs }: { readonly sinceMs: number }) => nowMs - sinceMs >= afterMs;
  const troubles = [view.job.trouble, view.ledger.trouble].filter((trouble) => trouble !== undefined && isOld(trouble));
  if (troubles[0]) return [{ kind: "access", text: accessHint(view, troubles[0], owner) }];
  const { reading } = view.job;
  if (!isOld(reading)) return [];
  if (reading.kind === "absent") return [{ kind: "job-absent", text: absentHint(view, owner) }];
  if (reading.kind === "unread" || reading.value.kind !== "running" || ownStatus(view)) return [];
  return [{ kind: "no-report", text: noReportHint(view, reading.value) }];
}

function accessHint(view: GateView, trouble: Trouble, owner: TokenOwner): string {
  switch (trouble.kind) {
    case "forbidden":
      return forbiddenHint(view, owner);
    case "unauthorized":
      return tokenHint;
    case "failing":
      return "the API server answers, but with errors; this release cannot mend that, waiting goes on";
    case "unreachable":
      return connectionHint(trouble.error);
  }
}

function forbiddenHint({ gate, namespace, job, ledger }: GateView, owner: TokenOwner): string {
  const isForbidden = (seen: Seen<unknown>) => seen.trouble?.kind === "forbidden";
  const rules = [
    ...(isForbidden(ledger) ? [roleRule({ resource: "configmaps", name: gate.ledger })] : []),
    ...(isForbidden(job) ? [roleRule({ resource: "jobs", name: gate.job })] : []),
  ];
  const replace = replacePodCommand(owner.pod, namespace);
  const end = replace
    ? `is of a superseded revision, and its StatefulSet waits for it: ${replace}`
    : "is of a superseded revision and goes away with it";
  return `the service account ${owner.account ?? "of this pod"} needs a RoleBinding in namespace ${namespace} to a Role with the rule ${rules.join(" and ")}; if there is one that names another Job, this pod ${end}`;
}

/** Advice for a token that the API server does not accept. */
export const tokenHint =
  "the API server rejects the mounted token: it may be expired (is the volume a projected one that the kubelet renews?), meant for another audience, or its service account may have been deleted and created again";

/** Advice for an API server that gives no answer. */
export function connectionHint({ code }: ApiError): string {
  return /CERT|SIGNATURE|TLS|SSL/.test(code ?? "") ? tlsHint : meshHint;
}

const tlsHint =
  "the certificate of the API server does not fit ca.crt of the mounted service account: is a proxy in between, or does the volume carry another cluster's CA?";

const meshHint =
  'no connection to the API server: with a service mesh whose proxy starts after the init containers, exclude the API server: Istio: annotation traffic.sidecar.istio.io/excludeOutboundPorts: "443" (or runAsUser: 1337 for the waiter), Linkerd: config.linkerd.io/skip-outbound-ports: "443"; otherwise look for a NetworkPolicy that denies egress';

function absentHint(view: GateView, { pod }: TokenOwner): string {
  const { gate, namespace, ledger } = view;
  const replace = replacePodCommand(pod, namespace);
  const facts = [
    knownJobUid(view) === undefined
      ? `no Job ${gate.job} was ever seen in namespace ${namespace}`
      : "the Job was deleted",
    ...(ledger.reading.kind === "absent" ? [`nor is there a ledger ${gate.ledger}`] : []),
  ];
  return `${facts.join(", ")}: is it created later (a hook, a sync wave), in another namespace, was it pruned, or is this pod of a superseded revision${replace ? ` (then, because its StatefulSet waits for it: ${replace})` : ""}? The release's helm upgrade creates it; see: kubectl get jobs -n ${namespace}`;
}

function noReportHint({ gate, namespace }: GateView, { isOtherTool }: JobState): string {
  const silence = isOtherTool
    ? `this migration is run by another tool, which tells nothing but its end; its log: kubectl logs -n ${namespace} job/${gate.job} -c migrate --follow`
    : "nothing is heard from the Job's pod, which is normal for images that do not report";
  return `${silence}; if it does not start (missing Secret, image pull, quota, scheduling), see: kubectl describe pod -n ${namespace} -l batch.kubernetes.io/job-name=${gate.job}`;
}
