import type { Logger } from "@migration-gate/cli-runtime/logger";
import pg from "pg";
import type { Session } from "./session.ts";

/** Settings without which a run is still right; a server or proxy that refuses one of them is left as it is. */
const optionalSettings: Readonly<Record<string, string>> = {
  // A killed migrator's backend notices within half a second and gives the lock back (PostgreSQL 14+, not on Windows).
  client_connection_check_interval: "500ms",
  // A lost node sends no FIN: the server gives up on it after 10 + 3 × 5 s.
  tcp_keepalives_idle: "10",
  tcp_keepalives_interval: "5",
  tcp_keepalives_count: "3",
  tcp_user_timeout: "25s",
  transaction_timeout: "0", // PostgreSQL 17+
  idle_session_timeout: "0",
};

function requiredSettings({ applicationName }: Session): Readonly<Record<string, string>> {
  return {
    // A limit that a role or database carries for the application's sake must not cut a healthy migration.
    statement_timeout: "0",
    lock_timeout: "0",
    idle_in_transaction_session_timeout: "0",
    // What our lexer assumes of `'…\…'`.
    standard_conforming_strings: "on",
    // Behind a pooler RESET ALL would bring back the name by which the pooler has connected.
    application_name: applicationName,
  };
}

/**
 * Makes the session fit for migrating, and returns the statements that make it so again after a file has changed it.
 *
 * Never by startup options: poolers refuse those they do not know.
 */
export async function applySessionSettings(session: Session, log: Logger): Promise<readonly string[]> {
  const required = requiredSettings(session);
  await session.query(statements(required).join("; "));
  const accepted = await acceptedSettings(session, optionalSettings, log);
  return statements({ ...required, ...accepted });
}

/**
 * The statements that make one transaction fit for migrating, and leave nothing behind: behind a pooler in transaction
 * mode the next transaction on the same backend is the application's.
 */
export async function transactionSettings(session: Session, log: Logger): Promise<readonly string[]> {
  const { client_connection_check_interval = "", transaction_timeout = "" } = optionalSettings;
  const accepted = await acceptedSettings(
    session,
    { client_connection_check_interval, transaction_timeout },
    log,
    "set local",
  );
  return statements({ ...requiredSettings(session), ...accepted }, "set local");
}

async function acceptedSettings(
  session: Session,
  wanted: Readonly<Record<string, string>>,
  log: Logger,
  verb?: Verb,
): Promise<Record<string, string>> {
  try {
    await session.query(`${statements(wanted, verb).join("; ")}; select`);
    return { ...wanted };
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
  }
  // One of them was refused, and the message with it: find out which.
  const accepted: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) {
    try {
      // Two statements make a transaction block of the message, without which SET LOCAL is a warning.
      await session.query(`${statements({ [name]: value }, verb).join("; ")}; select`);
      accepted[name] = value;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      log.debug({ setting: name, reason: error.message }, "server refused a session setting");
    }
  }
  return accepted;
}

type Verb = "set" | "set local";

function statements(settings: Readonly<Record<string, string>>, verb: Verb = "set"): string[] {
  return Object.entries(settings).map(([name, value]) => `${verb} ${name} = ${pg.escapeLiteral(value)}`);
}

/**
 * Takes back what a file may have left in the session, without giving the lock back as `DISCARD ALL` would.
 *
 * `ownSettings` is what `applySessionSettings` returned.
 */
export function resetStatements(ownSettings: readonly string[], role: string | undefined): readonly string[] {
  return [
    "reset session authorization",
    "reset role",
    "reset all",
    "close all",
    "unlisten *",
    "discard temp",
    "discard sequences",
    "deallocate all",
    ...(role === undefined ? [] : [setRole(role)]),
    ...ownSettings,
  ];
}

/** Takes back what a file may have left on a backend that goes to another client of the pooler now. */
export function returnStatements(): readonly string[] {
  return [...resetStatements([], undefined), "select pg_catalog.pg_advisory_unlock_all()"];
}

/** Makes the session run as the role. */
export function setRole(role: string): string {
  return `set role ${pg.escapeIdentifier(role)}`;
}

/** Makes one transaction run as the role. */
export function localRole(role: string | undefined): readonly string[] {
  return role === undefined ? [] : [`set local role ${pg.escapeIdentifier(role)}`];
}

/** Makes the rest of a transaction run as the migrator's own role, whatever role the file has set. */
export function ownRoleStatements(role: string | undefined): readonly string[] {
  return [
    "set local session authorization default",
    `set local role ${role === undefined ? "none" : pg.escapeIdentifier(role)}`,
  ];
}
