import { isOwnControl, transactionModes, unitStretches } from "./execution.ts";
import { type OpenScript, readStatements, type ScriptStatement } from "./open-script.ts";

/** A part of a script that commits by itself: one statement, or a block between the file's own BEGIN and COMMIT. */
export interface Unit {
  /** False for the statements that PostgreSQL refuses inside a transaction block. */
  readonly atomic: boolean;
  readonly start: number;
  /** `SET TRANSACTION …` for the beginning of the transaction: from its leading ones and its BEGIN's options. */
  readonly transactionModes: readonly string[];
  /** Without transaction control. */
  readonly statements: readonly ScriptStatement[];
}

/** The units of a script from its beginning, each read when it is asked for. */
export function* readUnits(script: OpenScript): Generator<Unit> {
  const { execution } = script;
  if (execution.kind !== "units") throw new Error(`${script.file.path} is one transaction`);
  const { kinds } = execution;
  const statements = readStatements(script);
  const inOrder = (_: number, message: string) => {
    throw new Error(`${script.file.path}: ${message}`);
  };
  for (const { first, last } of unitStretches(kinds, script.statements, inOrder)) {
    const modes: string[] = [];
    const kept: ScriptStatement[] = [];
    let start: number | undefined;
    let isLeading = true;
    for (let index = -1; index < last; ) {
      const next = statements.next();
      if (next.done) throw new Error(`${script.file.path} has fewer statements than before`);
      index = next.value.number - 1;
      // A COMMIT without BEGIN is no unit.
      if (index < first) continue;
      start ??= next.value.start;
      const kind = kinds.get(index);
      const isControl = isOwnControl(kind, isLeading);
      isLeading &&= isControl;
      if (isControl) modes.push(...transactionModes(next.value.text, next.value.statement, kind));
      else kept.push(next.value);
    }
    // Inside a block of the file's own the server refuses such a statement, and its message says so best.
    const atomic = kinds.get(first) !== "outside-transaction";
    yield { atomic, start: start ?? 0, transactionModes: modes, statements: kept };
  }
}
