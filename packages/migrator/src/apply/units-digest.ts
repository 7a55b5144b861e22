import { createHash } from "node:crypto";
import type { Unit } from "../files/execution.ts";
import type { Script } from "../files/script.ts";
import { statementWords } from "../sql/statements.ts";

/** Identifies units by their tokens: a comment or a space more does not change what has been done. */
export function unitsDigest({ text }: Script, units: readonly Unit[]): string {
  const hash = createHash("sha256");
  for (const { statements } of units) {
    for (const statement of statements) hash.update(`${JSON.stringify(statementWords(text, statement))};`);
  }
  return hash.digest("hex");
}
