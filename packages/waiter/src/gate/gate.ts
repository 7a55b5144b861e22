import { UsageError } from "@migration-gate/cli-runtime/expected-error";

/** One set of migrations to wait for: its Job, the ledger that remembers its success, and its identity. */
export interface Gate {
  readonly job: string;
  readonly ledger: string;
  readonly identity: string;
}

/** The form of an identity. Nothing else may be looked up in the ledger: its other keys, like `status`, prove nothing. */
export const identityPattern = /^[0-9a-f]{10}$/;

const namePattern = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Parses `JOB:LEDGER:IDENTITY`. */
export function parseGate(text: string): Gate {
  const [job, ledger, identity, ...rest] = text.split(":");
  if (!job || !ledger || !identity || rest.length > 0) {
    throw new UsageError(`--gate: "${text}" is not of the form JOB:LEDGER:IDENTITY`);
  }
  return { job, ledger, identity };
}

/** Says what is wrong with a gate's names, as nothing that comes from a mistyped value can ever be found. */
export function gateProblems({ job, ledger, identity }: Gate): string[] {
  return [...nameProblems("--job", job), ...nameProblems("--ledger", ledger), ...identityProblems(identity)];
}

/** An empty name is not judged: it is missing, which is another problem. */
export function nameProblems(flag: string, name: string): string[] {
  return name === "" || namePattern.test(name) ? [] : [`${flag}: "${name}" is not a Kubernetes name`];
}

export function identityProblems(identity: string): string[] {
  const fits = identity === "" || identityPattern.test(identity);
  return fits ? [] : [`--identity: "${identity}" is not 10 digits of lower-case hexadecimal`];
}
