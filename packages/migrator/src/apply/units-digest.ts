import { createHash, type Hash } from "node:crypto";
import { encodedText, type OpenScript, type ScriptStatement } from "../files/open-script.ts";
import { readUnits, type Unit } from "../files/units.ts";
import { setsLockTimeout } from "../sql/locking.ts";
import { statementWords } from "../sql/statements.ts";

/** A unit in its place in the script. Digests identify units by their tokens and data, not by comments and spaces. */
export interface PlacedUnit extends Unit {
  readonly index: number;
  /** Of all units before this one. */
  readonly digestBefore: string;
  /** With this one. */
  readonly digest: string;
  /** True where a unit before this one sets `lock_timeout`. */
  readonly lockTimeoutSet: boolean;
}

/** What identifies no unit at all. */
export const emptyDigest = digestOf(createHash("sha256"));

/** The units of a script from its beginning, each read when it is asked for. */
export function* readPlacedUnits(script: OpenScript): Generator<PlacedUnit> {
  const hash = createHash("sha256");
  let digestBefore = emptyDigest;
  let lockTimeoutSet = false;
  let index = 0;
  for (const unit of readUnits(script)) {
    for (const statement of unit.statements) addStatement(hash, script, statement);
    const digest = digestOf(hash);
    yield { ...unit, index, digestBefore, digest, lockTimeoutSet };
    digestBefore = digest;
    lockTimeoutSet ||= unit.statements.some(({ text, statement }) => setsLockTimeout(statementWords(text, statement)));
    index++;
  }
}

/** Identifies a unit wherever it stands. */
export function unitDigest(script: OpenScript, { statements }: Unit): string {
  const hash = createHash("sha256");
  for (const statement of statements) addStatement(hash, script, statement);
  return digestOf(hash);
}

function addStatement(hash: Hash, script: OpenScript, { text, statement, data }: ScriptStatement): void {
  hash.update(`${JSON.stringify(statementWords(text, statement))};`);
  if (!data) return;
  const dataHash = createHash("sha256");
  for (const bytes of encodedText(script, data)) dataHash.update(bytes);
  hash.update(dataHash.digest("hex"));
}

/** Of what has been added so far. */
function digestOf(hash: Hash): string {
  return hash.copy().digest("hex");
}
