import pg from "pg";
import { hold } from "./database/hold.ts";
import { lockKey } from "./database/lock.ts";
import { withReconnects } from "./database/reconnect.ts";
import { checkServer, checkWritable } from "./database/server-check.ts";
import type { Session } from "./database/session.ts";
import { HistoryAccessError } from "./errors.ts";
import { type Inspection, inspect } from "./history/read.ts";
import { displayName } from "./history/table.ts";
import type { Run } from "./migrate.ts";
import { WaitBudget } from "./wait-budget.ts";

/**
 * Runs the work of a command that changes the history by hand: with the lock of a run, so that none goes on meanwhile,
 * and on what the history says under it.
 *
 * After a lost connection the work begins again, so it must be right to do it twice.
 *
 * @throws HistoryAccessError where the role may not change the history
 */
export async function underLock<T>(
  { settings, log, signal }: Pick<Run, "settings" | "log" | "signal">,
  work: (session: Session, inspection: Inspection) => Promise<T>,
): Promise<T> {
  const { history } = settings;
  const budget = new WaitBudget(settings.waitBudgetMs);
  return await withReconnects({ ...settings, budget, log, signal }, async (session) => {
    const { server } = await inspect(session, history);
    checkServer(server, log);
    checkWritable(server);
    const key = lockKey(server.database, displayName(history), history.set);
    const { guarded } = await hold(session, server, { ...settings, key, budget, log, signal });
    try {
      return await guarded(async () => await work(session, await inspect(session, history)));
    } catch (error) {
      const refused = error instanceof pg.DatabaseError && error.code === "42501";
      throw refused ? new HistoryAccessError(displayName(history), server.role, error) : error;
    }
  });
}
