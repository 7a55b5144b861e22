import { type OpenScript, type ScriptStatement, wholeText } from "../files/open-script.ts";
import type { Script } from "../files/script.ts";
import { offsetOfCharacter } from "../sql/place.ts";
import { splitStatements } from "../sql/statements.ts";
import type { Stretch } from "../sql/stretch.ts";

/** A piece of a message to the server: one statement of ours, one of a script, or all of a script. */
export interface Part {
  readonly sql: string;
  /** Present for what is a script's. */
  readonly script?: {
    /** Where `sql` begins in the script. */
    readonly start: number;
    /** Which of the script's statements it is, from 1; absent for all of them. */
    readonly statement?: number;
    /** Where in the script the data stands that its `COPY … FROM stdin` reads: at most one in a message. */
    readonly data?: Stretch;
  };
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

/** One statement of a script. */
export function partOf({ sql, start, number, data }: ScriptStatement): Part {
  return { sql, script: { start, statement: number, ...(data && { data }) } };
}

/** All of a script that fits into one message, as it stands in its file. */
export function wholePart(script: OpenScript): Part {
  return { sql: wholeText(script), script: { start: 0 } };
}

/** Puts the parts together to one message of the simple query protocol. */
export function messageOf(parts: readonly Part[]): string {
  return parts.map(({ sql }) => sql).join(separator);
}

/** Which of the file's statements a message runs, from 1. */
export interface StatementPosition {
  /** The first one; absent where the message holds none or all of them. */
  readonly statement?: number;
  readonly statements: number;
}

/**
 * Tells where in a script a message is. Of several statements the server keeps the results to itself until its buffer of
 * 8 KiB is full or the last one has ended.
 */
export function statementPosition(
  { statements }: Pick<Script, "statements">,
  parts: readonly Part[],
): StatementPosition {
  const first = parts.find(({ script }) => script)?.script;
  const statement = first && statements === 1 ? 1 : first?.statement;
  return { ...(statement !== undefined && { statement }), statements };
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
  for (const [index, { sql, script }] of parts.entries()) {
    const starts = script ? statementStarts(sql, script) : [0];
    const start = starts[completedCommands - before];
    before += starts.length;
    if (start === undefined) continue;
    return script ? { kind: "script", offset: script.start + start, exact: false } : { kind: "own", part: index };
  }
  return { kind: "own", part: parts.length - 1 };
}

function statementStarts(sql: string, { statement }: NonNullable<Part["script"]>): readonly number[] {
  return statement === undefined ? [...splitStatements(sql)].map(({ start }) => start) : [0];
}
