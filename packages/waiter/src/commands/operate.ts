import type { OperatorCommand } from "../operator-flags.ts";
import type { OperatorContext } from "./context.ts";

type Operator = (context: OperatorContext, signal: AbortSignal) => Promise<number>;

const operators: Readonly<Record<OperatorCommand, () => Promise<Operator>>> = {
  check: async () => (await import("./check.ts")).check,
  status: async () => (await import("./status.ts")).status,
  retry: async () => (await import("./retry.ts")).retry,
};

/** Runs what people run; a pod that waits or records loads none of this. */
export async function operate(
  command: OperatorCommand,
  context: OperatorContext,
  signal: AbortSignal,
): Promise<number> {
  const operator = await operators[command]();
  return await operator(context, signal);
}
