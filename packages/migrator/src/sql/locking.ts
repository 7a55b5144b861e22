/** True for a statement that sets `lock_timeout`, for whatever stretch of the session: then the file's own holds. */
export function setsLockTimeout(words: readonly string[]): boolean {
  return words[0] === "set" ? words.slice(1, 3).includes("lock_timeout") : words.slice(0, 6).includes("'lock_timeout'");
}

/**
 * How many existing tables a statement can lock against readers or writers, as far as its words rule out more; 2 is two
 * or any number.
 */
export function mostTablesLocked(words: readonly string[]): 0 | 1 | 2 {
  const [first = "", second = ""] = words;
  if (locksNothing.has(first)) return 0;
  const isNewTable = first === "create" && ["table", "type", "schema", "sequence", "extension"].includes(second);
  const refersToOthers = words.some((word) => word === "references" || word === "partition" || word === "inherits");
  if (isNewTable) return refersToOthers ? 2 : 0;
  const isOfOneTable = first === "alter" || first === "create";
  return isOfOneTable && !refersToOthers ? 1 : 2;
}

const locksNothing = new Set([
  "insert",
  "update",
  "delete",
  "merge",
  "copy",
  "set",
  "reset",
  "comment",
  "grant",
  "revoke",
]);
