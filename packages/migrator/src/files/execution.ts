import { statementKind } from "../sql/statement-kind.ts";
import type { Statement } from "../sql/statements.ts";
import type { Directives } from "./directives.ts";
import type { Verdicts } from "./suspicious-statements.ts";

/** How a script runs: as one transaction, or as a sequence of units that commit one by one. */
export type Execution =
  | { readonly kind: "transaction"; readonly unit: Unit }
  | { readonly kind: "units"; readonly units: readonly Unit[]; readonly reason: string };

/** A stretch of a script that is sent together. */
export interface Unit {
  /** False for the statements that PostgreSQL refuses inside a transaction block. */
  readonly atomic: boolean;
  readonly start: number;
  /** What is sent: the stretch with its own transaction control blanked out, character for character, so that the
   *  server's positions still hold. */
  readonly text: string;
  /** `SET TRANSACTION …` for the beginning of the transaction: from the file's leading ones and its BEGIN's options. */
  readonly transactionModes: readonly string[];
  /** Without transaction control. */
  readonly statements: readonly Statement[];
}

/**
 * Decides how a script runs.
 *
 * One transaction is the rule. A file whose own control is one BEGIN first and one COMMIT last is one too. Any other
 * control of its own, a statement that cannot run in a transaction, or the directive make it run unit by unit.
 */
export function planExecution(
  text: string,
  statements: readonly Statement[],
  verdicts: Verdicts,
  directives: Directives,
  problem: (offset: number, message: string) => unknown,
): Execution {
  const kinds = statements.map((statement) => statementKind(text, statement, verdicts.get(statement)));
  for (const [index, kind] of kinds.entries()) {
    if (kind !== "other-transaction-control") continue;
    problem(
      statements[index]?.start ?? 0,
      "ROLLBACK, PREPARE TRANSACTION and COMMIT … CHAIN have no place in a migration",
    );
  }
  const outside = kinds.indexOf("outside-transaction");
  const controls = kinds.filter((kind) => kind === "begin" || kind === "commit").length;
  const wrapped = controls === 2 && kinds.at(0) === "begin" && kinds.at(-1) === "commit";
  if (directives.transactional && outside < 0 && (controls === 0 || wrapped)) {
    return { kind: "transaction", unit: unitOf(text, 0, text.length, statements, kinds) };
  }
  const reason = !directives.transactional
    ? "directive"
    : outside >= 0
      ? "a statement cannot run in a transaction"
      : "transaction control of its own";
  return { kind: "units", units: splitUnits(text, statements, kinds, problem), reason };
}

type Kinds = readonly ReturnType<typeof statementKind>[];

function splitUnits(
  text: string,
  statements: readonly Statement[],
  kinds: Kinds,
  problem: (offset: number, message: string) => unknown,
): Unit[] {
  const units: Unit[] = [];
  let begin: number | undefined;
  for (const [index, statement] of statements.entries()) {
    const kind = kinds[index];
    if (kind === "begin") {
      if (begin !== undefined) problem(statement.start, "BEGIN inside a transaction block");
      begin = index;
    } else if (kind === "commit" && begin === undefined) {
      // The server only warns: what stands before it is committed already.
    } else if (kind === "commit" || begin === undefined) {
      const from = begin ?? index;
      const first = statements[from] ?? statement;
      const range = [statements.slice(from, index + 1), kinds.slice(from, index + 1)] as const;
      units.push(unitOf(text, first.start, statement.end, ...range));
      begin = undefined;
    }
  }
  if (begin !== undefined)
    problem(statements[begin]?.start ?? 0, "BEGIN without COMMIT: its work would be rolled back");
  return units;
}

function unitOf(text: string, start: number, end: number, statements: readonly Statement[], kinds: Kinds): Unit {
  const transactionModes: string[] = [];
  const kept: Statement[] = [];
  let sent = text.slice(start, end);
  let leading = true;
  for (const [index, statement] of statements.entries()) {
    const kind = kinds[index];
    const moved: boolean = kind === "begin" || kind === "commit" || (kind === "set-transaction" && leading);
    leading &&= moved;
    if (!moved) {
      kept.push(statement);
      continue;
    }
    const source = text.slice(statement.start, statement.end);
    if (kind === "set-transaction") transactionModes.push(source.replace(/;$/, ""));
    const modes = kind === "begin" ? beginOptions(text, statement) : "";
    if (modes) transactionModes.push(`set transaction ${modes}`);
    const at = statement.start - start;
    sent = sent.slice(0, at) + blank(source) + sent.slice(at + source.length);
  }
  // Inside a block of the file's own the server refuses such a statement, and its message says so best.
  const atomic = kinds.at(0) === "begin" || !kinds.includes("outside-transaction");
  return { atomic, start, text: sent, transactionModes, statements: kept };
}

/** `BEGIN [WORK | TRANSACTION] modes`, `START TRANSACTION modes`. */
function beginOptions(text: string, { tokens }: Statement): string {
  const isNoise = (index: number) => {
    const token = tokens[index];
    return token !== undefined && /^(work|transaction)$/i.test(text.slice(token.start, token.end));
  };
  const options = tokens.slice(isNoise(1) ? 2 : 1);
  const [first, last] = [options.at(0), options.at(-1)];
  return first && last ? text.slice(first.start, last.end) : "";
}

/** Blanks source out by spaces, one for each UTF-16 unit, newlines kept. */
export function blank(source: string): string {
  return source.replace(/[^\n]/g, " ");
}
