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
