import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { offsetOfCharacter } from "../sql/place.ts";
import type { Statement } from "../sql/statements.ts";

/** A piece of a message to the server: one statement of ours, or a stretch of a script. */
export interface Part {
  readonly sql: string;
  /** Present for a stretch of a script: where it begins there, and its statements. */
  readonly script?: { readonly start: number; readonly statements: readonly Statement[] };
  /** What its `COPY … FROM stdin` reads: at most one in a message. */
  readonly copyData?: string;
}

/** Where in a message something failed. */
export type Culprit =
  | { readonly kind: "script"; readonly offset: number; readonly exact: boolean }
  | { readonly kind: "own"; readonly part: number };

// A script may end with a comment without newline, or without semicolon.
const separator = "\n;\n";

export function ownParts(...statements: readonly string[]): Part[] {
  return statements.map((sql) => ({ sql }));
}

export function partOf({ text, start, statements }: Unit): Part {
  return { sql: text, script: { start, statements } };
}

/** Puts the parts together to one message of the simple query protocol. */
export function messageOf(parts: readonly Part[]): string {
  return parts.map(({ sql }) => sql).join(separator);
}

/** Which of the file's statements a message runs, from 1. */
export interface StatementPosition {
  /** Absent where the message holds none or several. */
  readonly statement?: number;
  readonly statements: number;
}

/**
 * Tells the statement that a message runs, if it is one: of several, the server keeps the results to itself until its
 * buffer of 8 KiB is full or the last one has ended.
 */
export function statementPosition(
  { statements }: Pick<Script, "statements">,
  parts: readonly Part[],
): StatementPosition {
  const [only, ...others] = parts.flatMap(({ script }) => script?.statements ?? []);
  const position = only && others.length === 0 ? { statement: statements.indexOf(only) + 1 } : {};
  return { ...position, statements: statements.length };
}

/**
 * Finds what failed: by the server's position, a count of characters from 1 over the whole message, or, where it gives
 * none, by the number of commands that had completed.
 */
export function findCulprit(parts: readonly Part[], position: number | undefined, completedCommands: number): Culprit {
  return position === undefined ? byCount(parts, completedCommands) : byPosition(parts, position);
}

function byPosition(parts: readonly Part[], position: number): Culprit {
  let offset = offsetOfCharacter(messageOf(parts), position - 1);
  for (const [index, { sql, script }] of parts.entries()) {
    if (offset < sql.length + separator.length) {
      if (!script) return { kind: "own", part: index };
      return { kind: "script", offset: script.start + Math.min(offset, sql.length), exact: true };
    }
    offset -= sql.length + separator.length;
  }
  return { kind: "own", part: parts.length - 1 };
}

function byCount(parts: readonly Part[], completedCommands: number): Culprit {
  let before = 0;
  for (const [index, { script }] of parts.entries()) {
    const statement = script?.statements[completedCommands - before];
    if (statement) return { kind: "script", offset: statement.start, exact: false };
    before += script ? script.statements.length : 1;
    if (!script && before > completedCommands) return { kind: "own", part: index };
  }
  return { kind: "own", part: parts.length - 1 };
}
