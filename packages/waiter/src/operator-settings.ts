import { parseDuration } from "@migration-gate/cli-runtime/duration";
import type { Role } from "./check/access-row.ts";
import type { CheckSettings } from "./check/check.ts";
import { gateProblems, identityProblems, nameProblems } from "./gate/gate.ts";
import { readGates, readNamespace } from "./settings.ts";
import { type Environment, type Flags, type SettingsReader, settingsReader } from "./settings-reader.ts";

/** How results are shown. */
export interface OutputSettings {
  readonly json: boolean;
}

/**
 * Reads the settings of `check`: flag, else environment, else default. `podNamespace` is the default namespace.
 *
 * @throws UsageError that names every problem at once.
 */
export function checkSettings(
  flags: Flags,
  env: Environment,
  podNamespace: string | undefined,
): CheckSettings & OutputSettings {
  const reader = settingsReader(flags, env);
  const role = readRole(reader);
  const settings = {
    role,
    gates: role === "record" && reader.list("gate").length === 0 ? [readLedgerAlone(reader)] : readGates(reader),
    namespace: readNamespace(reader, podNamespace),
    json: isOn(reader, "json"),
  };
  reader.problems.push(...settings.gates.flatMap(gateProblems));
  return reader.checked(settings);
}

function readRole(reader: SettingsReader): Role {
  const role = reader.optional("role") ?? "wait";
  if (role === "wait" || role === "record") return role;
  reader.problems.push(`--role: "${role}" is neither wait nor record`);
  return "wait";
}

/** A recorder knows no Job. */
function readLedgerAlone(reader: SettingsReader) {
  return {
    job: reader.optional("job") ?? "",
    ledger: reader.required("ledger"),
    identity: reader.required("identity"),
  };
}

/** A switch, which in the environment is the text "true" or "false". */
export function isOn(reader: SettingsReader, name: string): boolean {
  const text = reader.optional(name) ?? "false";
  if (text !== "true" && text !== "false") reader.problems.push(`--${name}: "${text}" is neither true nor false`);
  return text === "true";
}

export interface LaptopSettings {
  /** The kubeconfig. */
  readonly file: string | undefined;
  readonly context: string | undefined;
  /** `undefined`: that of the context. */
  readonly namespace: string | undefined;
}

export interface StatusSettings extends LaptopSettings, OutputSettings {
  readonly release: string | undefined;
  readonly watch: boolean;
}

/** Reads the settings of `status`, in the same way. */
export function statusSettings(flags: Flags, env: Environment): StatusSettings {
  const reader = settingsReader(flags, env);
  const release = reader.optional("release");
  reader.problems.push(...nameProblems("RELEASE", release ?? ""));
  const settings = { ...readLaptop(reader), release, watch: isOn(reader, "watch"), json: isOn(reader, "json") };
  return reader.checked(settings);
}

function readLaptop(reader: SettingsReader): LaptopSettings {
  const namespace = reader.optional("namespace");
  reader.problems.push(...nameProblems("--namespace", namespace ?? ""));
  return { file: reader.optional("kubeconfig"), context: reader.optional("context"), namespace };
}

export interface RetrySettings extends LaptopSettings {
  readonly target: string;
  readonly gate: string | undefined;
  readonly identity: string | undefined;
  readonly timeoutMs: number;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** Reads the settings of `retry`, in the same way. */
export function retrySettings(flags: Flags, env: Environment): RetrySettings {
  const reader = settingsReader(flags, env);
  const settings = {
    ...readLaptop(reader),
    target: reader.required("target"),
    gate: reader.optional("gate"),
    identity: reader.optional("identity"),
    timeoutMs: reader.parsed("timeout", "2m", parseDuration),
    yes: isOn(reader, "yes"),
    dryRun: isOn(reader, "dry-run"),
  };
  reader.problems.push(...nameProblems("RELEASE or JOB", settings.target));
  reader.problems.push(...identityProblems(settings.identity ?? ""));
  return reader.checked(settings);
}
