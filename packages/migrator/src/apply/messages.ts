import type { Unit } from "../files/execution.ts";
import { changesStringSyntax, type Script } from "../files/script.ts";
import { storedScriptLimit } from "../history/write.ts";
import { type Part, partOf } from "./message.ts";

/** The messages of one transaction around a unit: one for all of it, or one for each statement. */
export function transactionMessages(
  script: Script,
  unit: Unit,
  head: readonly Part[],
  tail: readonly Part[],
): readonly (readonly Part[])[] {
  return mustRunStatementwise(script, unit)
    ? [head, ...partsOfStatements(script, unit), tail]
    : [[...head, partOf(unit), ...tail]];
}

/**
 * The server reads a whole message before it runs any of it, so that a setting for its scanner would come too late. The
 * data of COPY is no part of any message.
 */
function mustRunStatementwise({ text }: Script, { text: sent, statements }: Unit): boolean {
  return (
    sent.length > storedScriptLimit ||
    statements.some(({ data }) => data !== undefined) ||
    changesStringSyntax(text, statements)
  );
}

function partsOfStatements({ text }: Script, { statements }: Unit): Part[][] {
  return statements.map((statement) => {
    const { start, end, data } = statement;
    const part: Part = { sql: text.slice(start, end), script: { start, statements: [statement] } };
    return [data ? { ...part, copyData: text.slice(data.start, data.end) } : part];
  });
}
