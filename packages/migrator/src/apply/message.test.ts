import { expect, test } from "vitest";
import { findCulprit, messageOf, ownParts, type Part } from "./message.ts";

const text = "select '😀';\n\nselect x;";
const script: Part = { sql: text, script: { start: 100 } };
const parts = [...ownParts("begin", "insert 'é😀'"), script, ...ownParts("update", "commit")];
const positionOf = (fragment: string) => [...messageOf(parts).slice(0, messageOf(parts).indexOf(fragment))].length + 1;

test("a position in the script becomes an offset in the file, whatever characters stand before it", () => {
  const offset = 100 + text.indexOf("x;");
  expect(findCulprit(parts, positionOf("x;"), 2)).toEqual({ kind: "script", offset, exact: true });
});

test("a position at the script's end stays in the script", () => {
  expect(findCulprit(parts, positionOf("\n;\nupdate"), 2)).toEqual({
    kind: "script",
    offset: 100 + text.length,
    exact: true,
  });
});

test("a position in our own statements is ours", () => {
  expect(findCulprit(parts, positionOf("insert"), 0)).toEqual({ kind: "own", part: 1 });
  expect(findCulprit(parts, positionOf("commit"), 0)).toEqual({ kind: "own", part: 4 });
});

test.each([
  [0, { kind: "own", part: 0 }],
  [1, { kind: "own", part: 1 }],
  [2, { kind: "script", offset: 100, exact: false }],
  [3, { kind: "script", offset: 100 + text.indexOf("select x"), exact: false }],
  [4, { kind: "own", part: 3 }],
  [5, { kind: "own", part: 4 }],
])("without a position, after %i commands the culprit is %o", (completed, culprit) => {
  expect(findCulprit(parts, undefined, completed)).toEqual(culprit);
});
