import { expect, test } from "vitest";
import { startScreen } from "../../../test/support/screen.ts";
import { LiveLine, showsLiveLine } from "./live-line.ts";
import { columnsOf, cutToColumns, escapeControls } from "./terminal-text.ts";

const terminalOf = (columns = 40) => ({ columns, ...startScreen() });

test("a live line is drawn over itself, below the lines that are written meanwhile, and leaves nothing behind", () => {
  const terminal = terminalOf();
  const live = new LiveLine(terminal);
  live.write("first\n");
  live.show("1 s");
  live.show("2 s");
  expect(terminal.lines).toEqual(["first", "2 s"]);
  live.write("second\n");
  expect(terminal.lines).toEqual(["first", "second", "2 s"]);
  live.clear();
  live.clear();
  live.write("third\n");
  expect(terminal.lines).toEqual(["first", "second", "third", ""]);
});

test("a live line never reaches the last column, as narrow as the terminal becomes", () => {
  const terminal = terminalOf(12);
  const live = new LiveLine(terminal);
  live.show("0123456789abcdef");
  expect(terminal.lines).toEqual(["0123456789…"]);
  terminal.columns = 6;
  live.show("日本語日本語");
  expect(terminal.lines).toEqual(["日本…"]);
});

test.each([
  ["a terminal", { isTTY: true }, { TERM: "xterm" }, true],
  ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
  ["a terminal of no known kind", { isTTY: true }, {}, false],
  ["a terminal of a CI", { isTTY: true }, { TERM: "xterm", CI: "true" }, false],
  ["a terminal of no CI", { isTTY: true }, { TERM: "xterm", CI: "false" }, true],
  ["a pipe", {}, { TERM: "xterm" }, false],
])("on %s", (_, stream, env, shows) => {
  expect(showsLiveLine({ ...stream, write: () => undefined }, env)).toBe(shows);
});

test("control characters are shown, line breaks and tabs where they are layout", () => {
  expect(escapeControls("a\u001b[2J\n\u009bb\u202e")).toBe("a\\u001b[2J\\u000a\\u009bb\\u202e");
  expect(escapeControls("a\tb\n\u0007", "layout")).toBe("a\tb\n\\u0007");
});

test.each([
  ["", 0],
  ["abc…", 4],
  ["é", 1],
  ["日本", 4],
  ["😀", 2],
])("the columns of %j", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});

test("text is cut between characters", () => {
  expect(cutToColumns("ab😀cd", 4)).toBe("ab…");
  expect(cutToColumns("ab😀cd", 5)).toBe("ab😀…");
  expect(cutToColumns("ab😀", 4)).toBe("ab😀");
  expect(cutToColumns("ab", 0)).toBe("");
});
