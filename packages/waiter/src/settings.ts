import { parseDuration } from "@migration-gate/cli-runtime/duration";
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import { type LogLevel, logLevels } from "@migration-gate/cli-runtime/log-levels";
import type { ApiAddress } from "./api/api-transport.ts";
import { defaultServiceAccountDirectory } from "./api/service-account.ts";
import { type Gate, gateProblems, identityProblems, nameProblems, parseGate } from "./gate/gate.ts";
import type { RecordSettings } from "./record/record.ts";
import { type Environment, type Flags, type SettingsReader, settingsReader } from "./settings-reader.ts";
import type { WaitSettings } from "./wait/wait.ts";

const defaultTimeout = "65m";
const defaultHintAfter = "60s";
/** A quarter of the grace period that the chart gives the Job's pods. */
const defaultLinger = "15s";

/**
 * Reads the settings of `wait`: flag, else environment, else default. `podNamespace` is the default namespace.
 *
 * @throws UsageError that names every problem at once.
 */
export function waitSettings(flags: Flags, env: Environment, podNamespace: string | undefined): WaitSettings {
  const reader = settingsReader(flags, env);
  const gates = readGates(reader);
  const settings = {
    gates,
    namespace: readNamespace(reader, podNamespace),
    timeoutMs: reader.parsed("timeout", defaultTimeout, parseDuration),
    hintAfterMs: reader.parsed("hint-after", defaultHintAfter, parseDuration),
  };
  reader.problems.push(...gates.flatMap(gateProblems));
  return reader.checked(settings);
}

/** Reads the settings of `record`, in the same way. */
export function recordSettings(flags: Flags, env: Environment, podNamespace: string | undefined): RecordSettings {
  const reader = settingsReader(flags, env);
  const ledger = reader.required("ledger");
  const identity = reader.required("identity");
  const settings = {
    ledger,
    identity,
    namespace: readNamespace(reader, podNamespace),
    reportDirectory: reader.optional("report"),
    run: {
      job: reader.optional("job"),
      jobUid: reader.optional("job-uid"),
      pod: reader.optional("pod"),
      image: reader.optional("image"),
    },
    lingerMs: reader.parsed("linger", defaultLinger, parseDuration),
  };
  reader.problems.push(...nameProblems("--ledger", ledger), ...identityProblems(identity));
  return reader.checked(settings);
}

export function logLevel(flags: Flags, env: Environment): LogLevel {
  const reader = settingsReader(flags, env);
  const level = reader.optional("log-level") ?? "info";
  const known = logLevels.find((name) => name === level);
  if (!known) reader.problems.push(`--log-level: "${level}" is none of ${logLevels.join(", ")}`);
  return reader.checked(known ?? "info");
}

/** Finds the API server and the service account's files as every pod is given them. */
export function clusterAccess(env: Environment): { address: ApiAddress; serviceAccountDirectory: string } {
  const {
    KUBERNETES_SERVICE_HOST: host,
    KUBERNETES_SERVICE_PORT: portText = "443",
    WAITER_SERVICE_ACCOUNT_DIR: directory = defaultServiceAccountDirectory,
  } = env;
  if (!host) {
    throw new UsageError(
      "not in a cluster: KUBERNETES_SERVICE_HOST is not set; run this in a pod, or set it and KUBERNETES_SERVICE_PORT",
    );
  }
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65_535) {
    throw new UsageError(`KUBERNETES_SERVICE_PORT: "${portText}" is not a number from 1 to 65535`);
  }
  // An IPv6 address is given without brackets by Kubernetes, and with them by people.
  return {
    address: { host: host.replace(/^\[(.*)\]$/, "$1"), port },
    serviceAccountDirectory: directory,
  };
}

export function readGates(reader: SettingsReader): Gate[] {
  const isSingle = ["job", "ledger", "identity"].some(reader.isFlag);
  if (isSingle && reader.isFlag("gate")) {
    reader.problems.push("--gate stands instead of --job, --ledger and --identity, not beside them");
  }
  const texts = isSingle ? [] : reader.list("gate").flatMap((text) => text.split(","));
  if (texts.length === 0) {
    return [{ job: reader.required("job"), ledger: reader.required("ledger"), identity: reader.required("identity") }];
  }
  return texts.flatMap((text) => {
    try {
      return parseGate(text);
    } catch (error) {
      reader.problems.push((error as UsageError).message);
      return [];
    }
  });
}

export function readNamespace(reader: SettingsReader, podNamespace: string | undefined): string {
  const namespace = reader.optional("namespace") ?? podNamespace;
  if (!namespace) reader.problems.push("--namespace is missing, and no namespace is mounted with the token");
  reader.problems.push(...nameProblems("--namespace", namespace ?? ""));
  return namespace ?? "";
}
