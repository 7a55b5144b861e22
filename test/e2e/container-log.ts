import type { Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";

/** Waits until the log of a pod's container tells this, and returns the log: one that has just been started, or started again, has not. */
export function logThatTells({ kubectl }: Namespace, pod: string, container: string, text: string): Promise<string> {
  const read = async () => {
    const log = await kubectl("logs", pod, "--container", container);
    return log.includes(text) && log;
  };
  return until(`the log of ${pod}/${container} tells "${text}"`, read, { intervalMs: 500 });
}
