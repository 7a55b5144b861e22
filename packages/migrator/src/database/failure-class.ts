/** What to do about an error of the server, or of the way to it. */
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
  "25P03": "connection", // idle_in_transaction_session_timeout and transaction_timeout end the session
  "25P04": "connection",
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
  "57P04": "not-yet", // database dropped
  "57P05": "connection",
  "58030": "resources", // input/output error
};

export function failureClass(sqlState: string): FailureClass {
  return failureClasses[sqlState] ?? failureClasses[sqlState.slice(0, 2)] ?? "sql";
}

/** Node's error codes of sockets, names and certificates: each gets better as servers, DNS records and Secrets appear. */
export const socketFailureClasses: Readonly<Record<string, FailureClass>> = {
  EAI_AGAIN: "not-yet",
  EACCES: "not-yet", // a Unix socket, or a network policy
  EADDRNOTAVAIL: "not-yet",
  ECONNABORTED: "connection",
  ECONNREFUSED: "not-yet",
  ECONNRESET: "connection",
  EHOSTDOWN: "not-yet",
  EHOSTUNREACH: "not-yet",
  EMFILE: "resources",
  ENETDOWN: "not-yet",
  ENETUNREACH: "not-yet",
  ENFILE: "resources",
  ENOENT: "not-yet", // a Unix socket that nobody has made yet
  ENOTFOUND: "not-yet",
  EPERM: "not-yet",
  EPIPE: "connection",
  EPROTO: "not-yet", // not TLS, or no version of it in common
  ETIMEDOUT: "not-yet",
  CERT_HAS_EXPIRED: "not-yet",
  CERT_NOT_YET_VALID: "not-yet",
  CERT_REVOKED: "not-yet",
  CERT_SIGNATURE_FAILURE: "not-yet",
  CERT_UNTRUSTED: "not-yet",
  CRL_HAS_EXPIRED: "not-yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "not-yet",
  INVALID_CA: "not-yet",
  INVALID_PURPOSE: "not-yet",
  SELF_SIGNED_CERT_IN_CHAIN: "not-yet",
  UNABLE_TO_GET_ISSUER_CERT: "not-yet",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "not-yet",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "not-yet",
  ERR_SSL: "not-yet", // and all that begin with it: what the other side says in the handshake
  ERR_TLS: "not-yet", // such as ERR_TLS_CERT_ALTNAME_INVALID
};

/** `undefined` for codes that say nothing about the way to the server, such as Node's for wrong arguments. */
export function socketFailureClass(code: string): FailureClass | undefined {
  return socketFailureClasses[code] ?? socketFailureClasses[/^ERR_(SSL|TLS)(?=_)/.exec(code)?.[0] ?? ""];
}
