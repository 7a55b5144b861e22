import { createLogger } from "@migration-gate/cli-runtime/logger";
import { record as recordMigration } from "../record/record.ts";
import { recordSettings } from "../settings.ts";
import type { CommandContext } from "./context.ts";
import { openInCluster } from "./in-cluster.ts";

/** `waiter record`: writes the migration's report and success into the ledger. */
export async function record(context: CommandContext, signal: AbortSignal): Promise<number> {
  const { flags, env, stdout, level, version } = context;
  using cluster = openInCluster(env);
  const { api, owner } = cluster;
  const log = createLogger("waiter", level, stdout);
  const settings = recordSettings(flags, env, cluster.namespace);
  const now = () => performance.now();
  const wallClock = () => new Date().toISOString();
  log.info({ version, ...settings }, "recording the migration");
  await recordMigration(settings, { api, log, account: owner.account, now, wallClock }, signal);
  log.info("recording has ended");
  return 0;
}
