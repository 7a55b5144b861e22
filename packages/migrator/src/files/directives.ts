import { parseDuration } from "@migration-gate/cli-runtime/duration";

/** What a file says about its own execution, in comments before its first statement. */
export interface Directives {
  /** False where the file asks to run statement by statement, outside a transaction. */
  readonly transactional: boolean;
  readonly lockTimeoutMs?: number;
  /** Versions of the application that do not know this migration cannot live with it. */
  readonly breaking: boolean;
  /** False: a lock timeout or deadlock is a failure at once. */
  readonly retry: boolean;
}

export const noDirectives: Directives = { transactional: true, breaking: false, retry: true };

/** A comment that means something: to us or to the tool that the file was written for. */
export type Marker =
  | { readonly kind: "directive"; readonly apply: (directives: Directives) => Directives }
  | { readonly kind: "up"; readonly apply?: (directives: Directives) => Directives }
  | { readonly kind: "down" }
  | { readonly kind: "none" }
  | { readonly kind: "malformed"; readonly message: string };

const withoutTransaction = (directives: Directives): Directives => ({ ...directives, transactional: false });
const outsideTransaction: Marker = { kind: "directive", apply: withoutTransaction };
const none: Marker = { kind: "none" };

/**
 * Reads one line comment, `--` included: our own directives (`-- gate: breaking`), and those of goose, dbmate, tern,
 * sqlx and Atlas that mean the same. What begins like one of them and is none is malformed, never ignored.
 */
export function parseMarker(comment: string): Marker {
  const text = comment.trim();
  const gate = /^--\s*gate:(.*)$/i.exec(text);
  if (gate) return parseGateDirective((gate[1] ?? "").trim());
  const goose = /^--\s*\+goose\b(.*)$/i.exec(text);
  if (goose) return parseGooseMarker((goose[1] ?? "").trim());
  const dbmate = /^--\s*migrate:(.*)$/.exec(text);
  if (dbmate) return parseDbmateMarker((dbmate[1] ?? "").trim());
  if (/^----\s*create above \/ drop below\s*----$/.test(text)) return { kind: "down" };
  if (/^--\s*no-transaction$/.test(text) || /^--\s*atlas:txmode\s+none$/.test(text)) return outsideTransaction;
  return none;
}

/** Describes directives for a comparison: two files with different ones are different migrations. */
export function sameDirectives(left: Directives, right: Directives): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function parseGateDirective(text: string): Marker {
  if (text === "no-transaction") return outsideTransaction;
  if (text === "breaking") return { kind: "directive", apply: (directives) => ({ ...directives, breaking: true }) };
  if (text === "no-retry") return { kind: "directive", apply: (directives) => ({ ...directives, retry: false }) };
  const lockTimeout = /^lock-timeout\s*=\s*(\S+)$/.exec(text)?.[1];
  if (lockTimeout === undefined) {
    return malformed(
      `unknown directive "gate: ${text}"; known are no-transaction, lock-timeout=5s, breaking, no-retry`,
    );
  }
  try {
    const lockTimeoutMs = parseDuration(lockTimeout, "gate: lock-timeout");
    return { kind: "directive", apply: (directives) => ({ ...directives, lockTimeoutMs }) };
  } catch (error) {
    return malformed((error as Error).message);
  }
}

function parseGooseMarker(text: string): Marker {
  switch (text.toLowerCase().replace(/\s+/g, " ")) {
    case "up":
      return { kind: "up" };
    case "down":
      return { kind: "down" };
    case "no transaction":
      return outsideTransaction;
    case "statementbegin":
    case "statementend":
      return none;
    default:
      return malformed(`unknown or unsupported marker "+goose ${text}"`);
  }
}

function parseDbmateMarker(text: string): Marker {
  const [section = "", ...options] = text.split(/\s+/);
  if (section !== "up" && section !== "down") return malformed(`unknown marker "migrate:${text}"`);
  const unknown = options.find((option) => !/^transaction:(true|false)$/.test(option));
  if (unknown) return malformed(`unknown option "${unknown}" of "migrate:${section}"`);
  if (section === "down") return { kind: "down" };
  return { kind: "up", ...(options.includes("transaction:false") && { apply: withoutTransaction }) };
}

function malformed(message: string): Marker {
  return { kind: "malformed", message };
}
