/** As much of a Kubernetes object as the tests of the charts look at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

interface Metadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly envFrom?: readonly object[];
  readonly restartPolicy?: string;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string; readonly [source: string]: unknown }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
}

export interface PodTemplate {
  readonly metadata: Omit<Metadata, "name">;
  readonly spec: PodSpec;
}

export interface Job extends KubernetesObject {
  readonly kind: "Job";
  readonly spec: { readonly template: PodTemplate; readonly [field: string]: unknown };
}

export interface Pod extends KubernetesObject {
  readonly kind: "Pod";
  readonly spec: PodSpec;
}

export interface Deployment extends KubernetesObject {
  readonly kind: "Deployment";
  readonly spec: {
    readonly template: PodTemplate;
    readonly progressDeadlineSeconds?: number;
    readonly [field: string]: unknown;
  };
}

export interface Role extends KubernetesObject {
  readonly kind: "Role";
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

export interface RoleBinding extends KubernetesObject {
  readonly kind: "RoleBinding";
  readonly roleRef: { readonly name: string };
  readonly subjects: readonly object[];
}

export interface NetworkPolicy extends KubernetesObject {
  readonly kind: "NetworkPolicy";
  readonly spec: { readonly podSelector: { readonly matchLabels: Readonly<Record<string, string>> } };
}

interface Kinds {
  readonly Job: Job;
  readonly Pod: Pod;
  readonly Deployment: Deployment;
  readonly Role: Role;
  readonly RoleBinding: RoleBinding;
  readonly ConfigMap: KubernetesObject;
  readonly ServiceAccount: KubernetesObject;
  readonly NetworkPolicy: NetworkPolicy;
}

/** All objects of a kind, by name. */
export function allOf<Kind extends keyof Kinds>(documents: readonly KubernetesObject[], kind: Kind): Kinds[Kind][] {
  return documents
    .filter((document): document is Kinds[Kind] => document.kind === kind)
    .toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name));
}

/** The only object of a kind, or the only one of that name. */
export function only<Kind extends keyof Kinds>(
  documents: readonly KubernetesObject[],
  kind: Kind,
  name?: string,
): Kinds[Kind] {
  const found = allOf(documents, kind).filter((document) => name === undefined || document.metadata.name === name);
  const [first] = found;
  if (!first || found.length > 1) {
    throw new Error(`expected one ${kind} ${name ?? ""}, got ${found.map((document) => document.metadata.name)}`);
  }
  return first;
}

/** The value of `--flag=value` in a container's arguments. */
export function flag(container: Container | undefined, name: string): string | undefined {
  const prefix = `--${name}=`;
  return container?.args?.find((arg) => arg.startsWith(prefix))?.slice(prefix.length);
}

/** What one application pod waits for, whichever way the gates are spelt. */
export function awaited(container: Container | undefined): { job: string; ledger: string; identity: string }[] {
  if (!container) return [];
  const gates = (container.args ?? []).filter((arg) => arg.startsWith("--gate=")).map((arg) => arg.slice(7).split(":"));
  const single = [flag(container, "job"), flag(container, "ledger"), flag(container, "identity")];
  return (gates.length > 0 ? gates : [single]).map(([job = "", ledger = "", identity = ""]) => ({
    job,
    ledger,
    identity,
  }));
}
