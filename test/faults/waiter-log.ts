import type { Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";

/** Waits until the waiter of one of the application's pods has logged something that matches. */
export async function waiterSays({ kubectl }: Namespace, pattern: RegExp): Promise<string> {
  const read = async () => {
    // By label and not by name: pods come and go while they are asked.
    const flags = ["--selector", "app=shop", "--container", "wait-for-migrations", "--tail", "-1", "--prefix"];
    const log = await kubectl("logs", ...flags, "--ignore-errors");
    return log.split("\n").find((line) => pattern.test(line));
  };
  return until(`a waiter says ${pattern}`, read, { timeoutMs: 180_000, intervalMs: 500 });
}
