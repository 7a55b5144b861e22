import { type OpenScript, readStatements, type ScriptStatement } from "../files/open-script.ts";
import type { Unit } from "../files/units.ts";
import { changedBackslashEscapes } from "../sql/statements.ts";
import { type Part, partOf, wholePart } from "./message.ts";

/** The messages that are all or nothing together; each time it is called, from the first one on. */
export type Messages = () => Iterable<readonly Part[]>;

/** The messages of a script that is one transaction: one for all of it, or several for its statements. */
export function transactionMessages(script: OpenScript, head: readonly Part[], tail: readonly Part[]): Messages {
  if (!script.fitsOneMessage) return () => statementMessages(script, head, tail);
  const message = [...head, wholePart(script), ...tail];
  return () => [message];
}

/** The messages of one transaction around a unit: one for all of it, unless it holds data of COPY or is large. */
export function unitMessages(unit: Unit, head: readonly Part[], tail: readonly Part[]): Messages {
  const batches = [...batchesOf(unit.statements)];
  const messages =
    batches.length > 1 || unit.statements.some(({ data }) => data) ? [head, ...batches, tail] : undefined;
  return () => messages ?? [[...head, ...(batches[0] ?? []), ...tail]];
}

function* statementMessages(
  script: OpenScript,
  head: readonly Part[],
  tail: readonly Part[],
): Generator<readonly Part[]> {
  yield head;
  yield* batchesOf(statementsToSend(script));
  script.source.checkUnchanged();
  yield tail;
}

function* statementsToSend(script: OpenScript): Generator<ScriptStatement> {
  const { execution } = script;
  const notSent = new Set(execution.kind === "transaction" ? execution.ownControl.map(({ start }) => start) : []);
  for (const statement of readStatements(script)) {
    if (!notSent.has(statement.start)) yield statement;
  }
}

/** Large enough that a message more does not matter, and small enough to be nothing beside the rest of the process. */
const batchLength = 64 * 1024;

/**
 * Puts statements together to messages. A COPY has one of its own, which the server answers before it reads the data. What
 * changes the meaning of strings ends one: the server reads a whole message before it runs any of it.
 */
function* batchesOf(statements: Iterable<ScriptStatement>): Generator<Part[]> {
  let batch: Part[] = [];
  let length = 0;
  for (const next of statements) {
    if (batch.length > 0 && (next.data || length + next.sql.length > batchLength)) {
      yield batch;
      batch = [];
      length = 0;
    }
    batch.push(partOf(next));
    length += next.sql.length;
    if (next.data || changedBackslashEscapes(next.text, next.statement) !== undefined) {
      yield batch;
      batch = [];
      length = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
