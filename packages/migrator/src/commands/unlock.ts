import { migratorExitCodes } from "@migration-gate/cli-runtime/exit-codes";
import { endHolder, type LockHolder, lockHolder, lockKey } from "../database/lock.ts";
import { withReconnects } from "../database/reconnect.ts";
import { displayName } from "../history/table.ts";
import type { Run } from "../migrate.ts";
import { WaitBudget } from "../wait-budget.ts";
import type { CommandResult } from "./result.ts";

/** A backend answers within milliseconds, unless it is stuck in the operating system. */
const endTimeoutMs = 10_000;

/**
 * `migrator unlock`: names the session that holds the lock of this history and set, and ends it. What it had not
 * committed is rolled back. Reads no history, so that a role that may only end sessions can run it.
 *
 * @throws UnlockRefusedError where this role may not, TransientError where the session does not end
 */
export async function unlock({ settings, log, signal }: Run): Promise<CommandResult> {
  const { history } = settings;
  const budget = new WaitBudget(settings.waitBudgetMs);
  const holder = await withReconnects({ ...settings, budget, log, signal }, async (session) => {
    const [server] = await session.query<{ database: string; role: string }>(
      "select current_database() as database, current_user as role",
    );
    if (!server) throw new Error("the server did not say which database this is");
    const key = lockKey(server.database, displayName(history), history.set);
    const found = await lockHolder(session, key);
    if (!found) return undefined;
    log.warn({ holder: found }, "ending the session that holds the lock");
    await endHolder(session, key, found, { role: server.role, timeoutMs: endTimeoutMs });
    return found;
  });
  return {
    exitCode: migratorExitCodes.success.code,
    summary: { ended: holder !== undefined },
    document: { ended: holder !== undefined, holder: holder ?? null },
    text: describeUnlock(holder),
  };
}

/** For people. */
export function describeUnlock(holder: LockHolder | undefined): string {
  if (!holder) return "nobody holds the lock";
  const { pid, user, applicationName, clientAddress, since } = holder;
  const details = [
    user !== null && `role ${user}`,
    applicationName && `application ${applicationName}`,
    clientAddress !== null && `from ${clientAddress}`,
    since !== null && `since ${since}`,
  ].filter((part) => typeof part === "string" && part !== "");
  return (
    `ended process ${pid} (${details.join(", ")}), which held the lock; ` +
    "a migrator that still runs connects again and goes on"
  );
}
