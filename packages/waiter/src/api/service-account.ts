import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";

export const defaultServiceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The mounted files of a service account. */
export interface ServiceAccount {
  /** The pod's namespace, or `undefined` where the volume does not carry it. */
  readonly namespace: string | undefined;
  /** Reads token and CA anew: the kubelet replaces both while the pod lives. */
  credentials(): Credentials;
}

export interface Credentials {
  readonly token: string;
  readonly ca: string;
}

/**
 * Opens the files that Kubernetes, or a projected volume, mounts at `directory`.
 *
 * @throws UsageError where there is no token or no CA: waiting would never mend that.
 */
export function openServiceAccount(directory: string): ServiceAccount {
  const required = (name: string) => {
    const text = readIfThere(join(directory, name));
    if (text !== undefined && text !== "") return text;
    throw new UsageError(
      `no service account file ${join(directory, name)}: mount a projected volume there with serviceAccountToken (path token), the ConfigMap kube-root-ca.crt (ca.crt) and the namespace, as the chart's helpers do, or set automountServiceAccountToken: true`,
    );
  };
  // The files are tiny and on a tmpfs: reading them synchronously is quicker than a turn through the thread pool.
  const credentials = () => ({ token: required("token").trim(), ca: required("ca.crt") });
  credentials();
  return { namespace: readIfThere(join(directory, "namespace"))?.trim() || undefined, credentials };
}

/** Whom a token was issued to, for messages. */
export interface TokenOwner {
  /** The service account's `namespace/name`. */
  readonly account: string | undefined;
  /** The name of the pod that the token is bound to. */
  readonly pod: string | undefined;
}

/** Reads the owner from the token's unverified claims; what they do not tell is `undefined`. */
export function tokenOwner(token: string): TokenOwner {
  const { sub, "kubernetes.io": bound } = claimsOf(token);
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(String(sub)) ?? [];
  const pod = bound?.pod?.name;
  return {
    account: namespace && name ? `${namespace}/${name}` : undefined,
    pod: typeof pod === "string" && /^[a-z0-9.-]+$/.test(pod) ? pod : undefined,
  };
}

interface Claims {
  readonly sub?: unknown;
  readonly "kubernetes.io"?: { readonly pod?: { readonly name?: unknown } };
}

function claimsOf(token: string): Claims {
  try {
    return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) ?? {};
  } catch {
    return {};
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
