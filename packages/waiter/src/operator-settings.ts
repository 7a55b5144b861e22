import type { Role } from "./check/access-row.ts";
import type { CheckSettings } from "./check/check.ts";
import { gateProblems } from "./gate/gate.ts";
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
