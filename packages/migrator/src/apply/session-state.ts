/** True for statements that only set up the session, and are run again where an interrupted file is continued. */
export function isSessionState(words: readonly string[]): boolean {
  const [first = "", second = ""] = words;
  if (first === "set") return second !== "local" && second !== "transaction" && second !== "constraints";
  return first === "reset" || (first === "select" && words.includes("set_config") && !words.includes("from"));
}

/** True for statements whose result dies with the session: a file that needs it cannot be continued in another one. */
export function leavesSessionObjects(words: readonly string[]): boolean {
  const [first = ""] = words;
  if (first === "create") {
    const head = words.slice(1, 5);
    return head.includes("temp") || head.includes("temporary");
  }
  if (first === "prepare") return words[1] !== "transaction";
  return first === "declare" || first === "listen" || first === "load";
}
