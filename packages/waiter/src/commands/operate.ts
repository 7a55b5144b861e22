import type { OperatorCommand } from "../operator-flags.ts";
import type { CommandContext } from "./context.ts";

type Operator = (context: CommandContext, signal: AbortSignal) => Promise<number>;

const operators: Readonly<Record<OperatorCommand, () => Promise<Operator>>> = {
  check: async () => (await import("./check.ts")).check,
};

/** Runs what people run; a pod that waits or records loads none of this. */
export async function operate(command: OperatorCommand, context: CommandContext, signal: AbortSignal): Promise<number> {
  const operator = await operators[command]();
  return await operator(context, signal);
}
