import { logLine } from "@migration-gate/cli-runtime/log-line";
import { waitSettings } from "../settings.ts";
import { firstLook, isEveryGateOpen } from "../wait/first-look.ts";
import type { CommandContext } from "./context.ts";
import { openInCluster } from "./in-cluster.ts";

/**
 * `waiter wait`: holds a pod back until its migrations are applied.
 *
 * Nearly every pod that starts finds them applied long ago, so that case has a path of its own: one request for each
 * gate, one log line, and nothing loaded that it does not need.
 */
export async function wait(context: CommandContext, signal: AbortSignal): Promise<number> {
  const { flags, env, stdout, level, version } = context;
  using cluster = openInCluster(env);
  const { api, owner } = cluster;
  const settings = waitSettings(flags, env, cluster.namespace);
  const { gates, namespace } = settings;
  // `performance` would be loaded first.
  const now = () => process.uptime() * 1000;
  const looks = firstLook(api, gates, namespace, now, signal);
  if ((await isEveryGateOpen(looks, now)) && !stdout.isTTY) {
    if (level !== "warn" && level !== "error") stdout.write(openLine(version, gates, now()));
    return 0;
  }
  const { createLogger } = await import("@migration-gate/cli-runtime/logger");
  const { waitUntilOpen } = await import("../wait/wait.ts");
  const log = createLogger("waiter", level, stdout);
  log.info({ version, ...settings }, "waiting for migrations");
  await waitUntilOpen(settings, looks, { api, log, owner, now }, signal);
  log.info({ durationMs: Math.round(now()) }, "every gate is open");
  return 0;
}

function openLine(version: string, gates: readonly object[], nowMs: number): string {
  return logLine("waiter", "info", { version, gates, durationMs: Math.round(nowMs) }, "every gate is open");
}
