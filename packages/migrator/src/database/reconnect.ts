import type { Logger } from "@migration-gate/cli-runtime/logger";
import pg from "pg";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import { RoleRefusedError, TransientError } from "../errors.ts";
import { backoffMs, type WaitBudget } from "../wait-budget.ts";
import { connect } from "./connect.ts";
import { ConnectionLostError } from "./connection.ts";
import { failureClass } from "./failure-class.ts";
import { NotWritableYetError } from "./server-check.ts";
import type { Session } from "./session.ts";
import { localRole, setRole } from "./session-settings.ts";

/** A migration that takes the server down would do so for ever. */
const maximumLosses = 5;

export interface ReconnectOptions {
  readonly connection: () => ConnectionTarget;
  readonly role: string | undefined;
  readonly budget: WaitBudget;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Told when a session is lost, before the next one is opened. */
  readonly onLost?: () => Promise<void>;
}

/**
 * Runs `work` on a session, and from its beginning on a new one when the session is lost or its server is a standby, as
 * both are during a failover.
 *
 * `isFirst` is false after a loss: the old backend may still live and commit, so the lock has to be had, which that
 * backend keeps as long as it lives, before the history is believed.
 */
export async function withReconnects<T>(
  { connection, role, budget, log, signal, onLost }: ReconnectOptions,
  work: (session: Session, isFirst: boolean) => Promise<T>,
): Promise<T> {
  let losses = 0;
  for (let attempt = 0; ; attempt++) {
    const session = await connect({ target: connection, budget, log, signal });
    try {
      // For each transaction anew: whether the backend stays ours is not known yet.
      session.headTransactions(localRole(role));
      return await work(session, losses === 0);
    } catch (error) {
      if (role !== undefined && error instanceof pg.DatabaseError) await checkRole(session, role);
      const lost = error instanceof ConnectionLostError;
      if (error instanceof pg.DatabaseError && error.code && failureClass(error.code) !== "sql") {
        throw new TransientError(error.message, { cause: error, place: { sqlState: error.code } });
      }
      if (!lost && !(error instanceof NotWritableYetError)) throw error;
      if (lost) losses++;
      if (losses >= maximumLosses || budget.exhausted) throw new TransientError(error.message, { cause: error });
      log.warn(
        { reason: error.message, attempt: attempt + 1 },
        lost ? "lost the database, connecting again" : "the database cannot be written to yet, connecting again",
      );
      await onLost?.();
    } finally {
      await session.close();
    }
    await budget.sleep(backoffMs(attempt, 250, 5000), signal);
  }
}

/**
 * Tells a role that cannot be taken on from every other failure; asked only then, so that a run that goes well spends
 * no round trip on it.
 *
 * @throws RoleRefusedError
 */
async function checkRole(session: Session, role: string): Promise<void> {
  session.headTransactions([]);
  try {
    await session.rollback([setRole(role)]);
  } catch (error) {
    // A session that is lost meanwhile tells nothing about the role: the first failure stands.
    if (!(error instanceof pg.DatabaseError)) return;
    const [login] = await session.query<{ name: string }>("select session_user as name");
    throw new RoleRefusedError(login?.name ?? "", role, error);
  }
}
