import { expect, test } from "vitest";
import { excerpt, offsetOfCharacter, placeOfOffset } from "./place.ts";

test("columns and the server's positions count characters, offsets count UTF-16 units", () => {
  const text = "select 1;\nselect '😀é', x";
  expect(offsetOfCharacter(text, 23)).toBe(text.indexOf("x"));
  expect(placeOfOffset(text, text.indexOf("x"))).toEqual({ line: 2, column: 14 });
});

test("the caret stands under its column, behind tabs too", () => {
  expect(excerpt("\tselect\tx;\r\n", { line: 1, column: 9 })).toBe("\tselect\tx;\n\t      \t^");
});

test("of a very long line only the neighbourhood is shown", () => {
  const [line = "", caret = ""] = excerpt(`${"a".repeat(5000)}X${"b".repeat(5000)}`, { line: 1, column: 5001 }).split(
    "\n",
  );
  expect(line.length).toBeLessThan(200);
  expect(line.charAt(caret.indexOf("^"))).toBe("X");
});
