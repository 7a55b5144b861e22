import type { Logger } from "@migration-gate/cli-runtime/logger";
import pRetry from "p-retry";
import pg from "pg";
import type { ConnectionTarget } from "../connection/connection-target.ts";
import { SettingsFileError } from "../connection/settings-file.ts";
import { TransientError } from "../errors.ts";
import type { WaitBudget } from "../wait-budget.ts";
import { socketFailureClass } from "./failure-class.ts";
import { Session } from "./session.ts";

export interface ConnectOptions {
  /** Read anew for every attempt: credentials in a mounted Secret may have changed. */
  readonly target: () => ConnectionTarget;
  readonly budget: WaitBudget;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Connects, and waits within the budget for a database that is not there yet: no address, nobody listening, starting,
 * out of connections, credentials or database not created yet.
 *
 * @throws TransientError when the budget is used up, with the last reason
 */
export async function connect({ target, budget, log, signal }: ConnectOptions): Promise<Session> {
  let lastReason: string | undefined;
  let lastTarget: ConnectionTarget | undefined;
  const attempt = async () => {
    lastTarget = target();
    return await Session.open(lastTarget, log, signal);
  };
  return await budget.spend(async () => {
    try {
      return await pRetry(attempt, {
        retries: Number.POSITIVE_INFINITY,
        minTimeout: 200,
        maxTimeout: 3000,
        randomize: true,
        maxRetryTime: budget.remainingMs,
        signal,
        shouldRetry: ({ error }) => isRetriedConnectError(error),
        onFailedAttempt: ({ error, attemptNumber }) => {
          const reason = describe(error, lastTarget);
          // One line per change: a database may take minutes to come up.
          log[reason === lastReason ? "debug" : "warn"](
            { reason, attempt: attemptNumber },
            "database is not available yet",
          );
          lastReason = reason;
        },
      });
    } catch (error) {
      if (signal.aborted || !isRetriedConnectError(error as Error)) throw error;
      const sqlState = error instanceof pg.DatabaseError ? error.code : undefined;
      throw new TransientError(`no connection to the database: ${describe(error as Error, lastTarget)}`, {
        cause: error,
        place: sqlState === undefined ? {} : { sqlState },
      });
    }
  });
}

/**
 * Everything that a connection attempt can meet passes with time, except a bug of ours and settings that are wrong: sockets,
 * names, certificates, roles and their rights get better as servers, DNS records, Secrets and grants appear, and files that
 * could be read at the start are being rotated.
 */
export function isRetriedConnectError(error: Error): boolean {
  if (error instanceof SettingsFileError || error instanceof pg.DatabaseError) return true;
  if (error instanceof AggregateError) return error.errors.every((inner: Error) => isRetriedConnectError(inner));
  if ("code" in error) return socketFailureClass(String(error.code)) !== undefined;
  // pg's own have no code: the server hung up, or did not prove that it knows the password.
  return !(error instanceof TypeError || error instanceof ReferenceError || "exitCode" in error);
}

/** An AggregateError, which Node throws when a name has several addresses, has an empty message. */
function describe(error: Error, target: ConnectionTarget | undefined): string {
  if (error instanceof AggregateError) return error.errors.map((inner: Error) => inner.message).join("; ");
  const refusedByAccessRules = error instanceof pg.DatabaseError && error.code === "28000";
  if (!refusedByAccessRules || !target) return error.message;
  const { attempts, options } = target.tls;
  if (attempts.every((encryption) => encryption === "none")) return `${error.message} (sslmode=disable)`;
  return options.cert ? error.message : `${error.message} (no client certificate was sent: PGSSLCERT, PGSSLKEY)`;
}
