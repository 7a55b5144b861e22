import { createHash } from "node:crypto";
import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { type Statement, statementWords } from "../sql/statements.ts";

/** Identifies units by their tokens and data: a comment or a space more does not change what has been done. */
export function unitsDigest({ text }: Script, units: readonly Unit[]): string {
  const hash = createHash("sha256");
  for (const { statements } of units) {
    for (const statement of statements) {
      hash.update(`${JSON.stringify(statementWords(text, statement))};${dataDigest(text, statement)}`);
    }
  }
  return hash.digest("hex");
}

/** Data may be large, and every unit behind it asks again. */
const dataDigests = new WeakMap<Statement, string>();

function dataDigest(text: string, statement: Statement): string {
  const { data } = statement;
  if (!data) return "";
  const digest =
    dataDigests.get(statement) ?? createHash("sha256").update(text.slice(data.start, data.end)).digest("hex");
  dataDigests.set(statement, digest);
  return digest;
}
