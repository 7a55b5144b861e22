import { parseArgs } from "node:util";
import { type ApiObject, partOf, recordsOf, textOf } from "../api/named-object.ts";
import { podCommands } from "../flags.ts";
import { type Gate, gateProblems } from "../gate/gate.ts";
import { waitSettings } from "../settings.ts";

/** A pod whose waiter has not let it in. */
export interface WaitingPod {
  readonly name: string;
  readonly gates: readonly Gate[];
  /** When the pod was started on its node, ISO 8601. */
  readonly since: string | undefined;
  readonly restarts: number;
  /** With which exit code the waiter ended last, if it did. */
  readonly exitCode: number | undefined;
}

/**
 * Finds the pod's waiter, by its arguments rather than by its name, and whether it still holds the pod; `undefined` for
 * a pod that has none, that it has let in, or on whose node it is not known yet.
 */
export function waitingPod(pod: ApiObject): WaitingPod | undefined {
  for (const { name, args } of recordsOf(partOf(pod, "spec", "initContainers"))) {
    const gates = Array.isArray(args) ? gatesOfArguments(args.map(String)) : undefined;
    const waiter = recordsOf(partOf(pod, "status", "initContainerStatuses")).find((one) => one["name"] === name);
    if (!gates || !waiter || exitCodeOf(waiter, "state") === 0) continue;
    return {
      name: pod.metadata.name,
      gates,
      since: textOf(pod, "status", "startTime") ?? textOf(pod, "metadata", "creationTimestamp"),
      restarts: numberOf(waiter["restartCount"]) ?? 0,
      exitCode: exitCodeOf(waiter, "state") ?? exitCodeOf(waiter, "lastState"),
    };
  }
  return undefined;
}

function exitCodeOf(waiter: Readonly<Record<string, unknown>>, state: "state" | "lastState"): number | undefined {
  return numberOf(partOf(waiter, state, "terminated", "exitCode"));
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** The gates that `waiter wait` would wait for with these arguments; `undefined` for arguments of anything else. */
export function gatesOfArguments([command, ...args]: readonly string[]): readonly Gate[] | undefined {
  if (command !== "wait") return undefined;
  const flag = { type: "string", multiple: true } as const;
  const options = Object.fromEntries(Object.keys(podCommands.wait.flags).map((name) => [name, flag]));
  try {
    const { values } = parseArgs({ args, options, strict: false });
    const { gates } = waitSettings(values as Record<string, string[]>, {}, "any");
    return gates.flatMap(gateProblems).length > 0 ? undefined : gates;
  } catch {
    // Another program of the same command, or a mistake that its own log tells of.
    return undefined;
  }
}
