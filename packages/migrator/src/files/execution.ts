import { kindByWords, type StatementKind } from "../sql/statement-kind.ts";
import type { Statement } from "../sql/statements.ts";
import type { Stretch } from "../sql/stretch.ts";
import type { Directives } from "./directives.ts";
import type { Verdicts } from "./suspicious-statements.ts";

/** How a script runs: as one transaction, or as a sequence of units that commit one by one. */
export type Execution =
  | {
      readonly kind: "transaction";
      /** `SET TRANSACTION …` for its beginning: from the file's leading ones and its BEGIN's options. */
      readonly transactionModes: readonly string[];
      /** The transaction control of its own, which is not sent. */
      readonly ownControl: readonly Stretch[];
    }
  | {
      readonly kind: "units";
      readonly reason: string;
      readonly kinds: StatementKinds;
      readonly units: number;
    };

/** Of a script's statements by their index; those that are missing are ordinary, as nearly all are. */
export type StatementKinds = ReadonlyMap<number, StatementKind>;

export type ReportProblem = (offset: number, message: string) => void;

/**
 * Decides, statement by statement, how a script runs.
 *
 * One transaction is the rule. A file whose own control is one BEGIN first and one COMMIT last is one too. Any other
 * control of its own, a statement that cannot run in a transaction, or the directive make it run unit by unit.
 */
export class ScriptControl {
  readonly #kinds = new Map<number, StatementKind>();
  readonly #starts = new Map<number, number>();
  readonly #ownControl: Stretch[] = [];
  readonly #transactionModes: string[] = [];
  #statements = 0;
  #leading = true;

  /** How many have been added. */
  get statements(): number {
    return this.#statements;
  }

  /** Answers true for transaction control of the script's own. `text` begins at `textStart` in the script. */
  add(text: string, textStart: number, statement: Statement, words: readonly string[]): boolean {
    const kind = kindByWords(words);
    const start = textStart + statement.start;
    const isControl = isOwnControl(kind, this.#leading);
    this.#leading &&= isControl;
    if (isControl) {
      this.#ownControl.push({ start, end: textStart + statement.end });
      this.#transactionModes.push(...transactionModes(text, statement, kind));
    }
    if (kind !== "ordinary") {
      this.#kinds.set(this.#statements, kind);
      this.#starts.set(this.#statements, start);
    }
    this.#statements++;
    return isControl;
  }

  execution({ transactional }: Directives, verdicts: Verdicts, problem: ReportProblem): Execution {
    const report = (index: number, message: string) => problem(this.#starts.get(index) ?? 0, message);
    const kinds = this.#kinds;
    for (const [index, refused] of verdicts) {
      if (refused !== undefined) kinds.set(index, refused ? "outside-transaction" : "ordinary");
    }
    for (const [index, kind] of kinds) {
      if (kind !== "other-transaction-control") continue;
      report(index, "ROLLBACK, PREPARE TRANSACTION and COMMIT … CHAIN have no place in a migration");
    }
    const found = [...kinds.values()];
    const isOutside = found.includes("outside-transaction");
    const controls = found.filter((kind) => kind === "begin" || kind === "commit").length;
    const wrapped = controls === 2 && kinds.get(0) === "begin" && kinds.get(this.#statements - 1) === "commit";
    if (transactional && !isOutside && (controls === 0 || wrapped)) {
      return { kind: "transaction", transactionModes: this.#transactionModes, ownControl: this.#ownControl };
    }
    const reason = !transactional
      ? "directive"
      : isOutside
        ? "a statement cannot run in a transaction"
        : "transaction control of its own";
    let units = 0;
    for (const _ of unitStretches(kinds, this.#statements, report)) units++;
    return { kind: "units", reason, kinds, units };
  }
}

/** True for what opens and closes the transaction, and for what sets its modes as long as nothing else has run in it. */
export function isOwnControl(kind: StatementKind | undefined, isLeading: boolean): boolean {
  return kind === "begin" || kind === "commit" || (kind === "set-transaction" && isLeading);
}

/** What a statement of the beginning says about its transaction, as statements that can stand behind another BEGIN. */
export function transactionModes(text: string, statement: Statement, kind: StatementKind | undefined): string[] {
  if (kind === "set-transaction") return [text.slice(statement.start, statement.end).replace(/;$/, "")];
  const options = kind === "begin" ? beginOptions(text, statement) : "";
  return options === "" ? [] : [`set transaction ${options}`];
}

/** The units of a script, as the first and last of their statements: a block of its own control, or one statement. */
export function* unitStretches(
  kinds: StatementKinds,
  statements: number,
  problem: (index: number, message: string) => void,
): Generator<{ readonly first: number; readonly last: number }> {
  let begin: number | undefined;
  for (let index = 0; index < statements; index++) {
    const kind = kinds.get(index);
    if (kind === "begin") {
      if (begin !== undefined) problem(index, "BEGIN inside a transaction block");
      begin = index;
    } else if (kind === "commit" && begin === undefined) {
      // The server only warns: what stands before it is committed already.
    } else if (kind === "commit" || begin === undefined) {
      yield { first: begin ?? index, last: index };
      begin = undefined;
    }
  }
  if (begin !== undefined) problem(begin, "BEGIN without COMMIT: its work would be rolled back");
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
