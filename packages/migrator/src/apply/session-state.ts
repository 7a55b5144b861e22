import type { Script } from "../files/script.ts";
import { type Statement, statementWords } from "../sql/statements.ts";

/** True for statements that only set up the session, and are run again where an interrupted file is continued. */
export function isSessionState(words: readonly string[]): boolean {
  const [first = "", second = ""] = words;
  if (first === "set") return second !== "local" && second !== "transaction" && second !== "constraints";
  return first === "reset" || (first === "select" && words.includes("set_config") && !words.includes("from"));
}

/** True for statements whose result dies with the session: a file that needs it cannot be continued in another one. */
export function leavesSessionObjects(words: readonly string[]): boolean {
  const [first = ""] = words;
  if (first === "create")
    return /^create (or replace )?((local|global) )?temp(orary)? /.test(words.slice(0, 6).join(" "));
  if (first === "prepare") return words[1] !== "transaction";
  return first === "declare" || first === "listen" || first === "load";
}

/** True where one of the statements sets `lock_timeout`, for whatever stretch of the session: then the file's own holds. */
export function setsLockTimeout({ text }: Script, statements: readonly Statement[]): boolean {
  return statements.some((statement) => {
    const words = statementWords(text, statement, 6);
    return words[0] === "set" ? words.slice(1, 3).includes("lock_timeout") : words.includes("'lock_timeout'");
  });
}
