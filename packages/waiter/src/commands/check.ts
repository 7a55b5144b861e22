import { check as checkPod } from "../check/check.ts";
import { checkSettings } from "../operator-settings.ts";
import { textTable } from "../text-table.ts";
import type { CommandContext } from "./context.ts";
import { openInCluster } from "./in-cluster.ts";

/** `waiter check`: says whether a pod with this service account could wait, or record. */
export async function check({ flags, env, stdout }: CommandContext, signal: AbortSignal): Promise<number> {
  using cluster = openInCluster(env);
  const { api, owner, token } = cluster;
  const { account } = owner;
  const settings = checkSettings(flags, env, cluster.namespace);
  const { role, namespace } = settings;
  const { rows, exitCode } = await checkPod(settings, { api, token, account, wallClock: () => Date.now() }, signal);
  if (settings.json) stdout.write(`${JSON.stringify({ role, namespace, account, exitCode, checks: rows })}\n`);
  else
    stdout.write(textTable([["CHECK", "RESULT", "DETAIL"], ...rows.map((row) => [row.name, row.result, row.detail])]));
  return exitCode;
}
