import { InterruptedError } from "@migration-gate/cli-runtime/expected-error";
import { ApiError } from "../api/api-error.ts";
import { ApiRefusedError } from "../api/api-refused.ts";
import { statusSettings } from "../operator-settings.ts";
import { readStatus, type StatusReport } from "../status/read-status.ts";
import { statusTable } from "../status/status-table.ts";
import { watchStatus } from "../status/watch-status.ts";
import type { CommandContext } from "./context.ts";
import { openWithKubeconfig } from "./with-kubeconfig.ts";

/** `waiter status`: shows gates and the pods that wait at them, to whoever has a kubeconfig. */
export async function status({ flags, env, stdout }: CommandContext, signal: AbortSignal): Promise<number> {
  const settings = statusSettings(flags, env);
  using cluster = await openWithKubeconfig(settings, env);
  const target = { namespace: settings.namespace ?? cluster.namespace, release: settings.release };
  const read = () => readStatus(cluster.api, target, signal);
  const render = (report: StatusReport) =>
    settings.json ? `${JSON.stringify(report)}\n` : statusTable(report, Date.now());
  try {
    if (!settings.watch) {
      stdout.write(render(await read()));
      return 0;
    }
    const output = settings.json ? { write: (text: string) => stdout.write(text) } : stdout;
    return await watchStatus({ read, render, output }, signal);
  } catch (error) {
    // Ctrl-C is how a watch ends.
    const reason: unknown = signal.reason;
    if (settings.watch && reason instanceof InterruptedError && reason.signal === "SIGINT") return 0;
    if (error instanceof ApiError)
      throw new ApiRefusedError(`the gates of namespace ${target.namespace} cannot be read`, error);
    throw error;
  }
}
