/** What to do about an error of the server. */
export type FailureClass =
  /** Reconnect: the session is gone, or speaks to a server that cannot do the work now. */
  | "connection"
  /** Refused at the door, for a reason that a Secret or a database created a moment later removes. */
  | "not-yet"
  /** Blocked by or in conflict with another transaction: the same transaction may succeed a moment later. */
  | "contention"
  /** The server lacks something that may come back, but not within moments. */
  | "resources"
  /** The SQL is at fault: trying again would fail again. */
  | "sql";

/**
 * SQLSTATE to class: five characters are one condition, two a whole class. The one place where this is decided; what is
 * not listed is `sql`.
 *
 * 57014 (query cancelled) is `sql` on purpose: where we cancelled ourselves, the caller knows before it looks here.
 */
export const failureClasses: Readonly<Record<string, FailureClass>> = {
  "08": "connection",
  "25006": "connection", // read-only transaction: a primary that has just become a standby
  "28": "not-yet",
  "3D000": "not-yet",
  "40001": "contention",
  "40P01": "contention",
  "53": "resources",
  "53300": "not-yet", // too many connections
  "53400": "not-yet",
  "55P03": "contention", // lock_timeout
  "57P01": "connection", // administrator's shutdown
  "57P02": "connection",
  "57P03": "not-yet", // starting up, or in recovery without hot standby
  "57P05": "connection",
  "58030": "resources", // input/output error
};

export function failureClass(sqlState: string): FailureClass {
  return failureClasses[sqlState] ?? failureClasses[sqlState.slice(0, 2)] ?? "sql";
}
