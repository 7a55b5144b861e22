import fc from "fast-check";
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

test("the end of a text has a place, and a position behind it ends there", () => {
  expect(placeOfOffset("a\nb", 3)).toEqual({ line: 2, column: 2 });
  expect(offsetOfCharacter("a😀", 9)).toBe(3);
  expect(excerpt("a\nb", { line: 2, column: 2 })).toBe("b\n ^");
});

test("places and characters are counted alike in any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."aé表😀\n\r\t") }), fc.nat(), (text, anyCount) => {
      const characters = [...text];
      const count = anyCount % (characters.length + 1);
      const before = characters.slice(0, count).join("");
      expect(offsetOfCharacter(text, count)).toBe(before.length);
      const lines = before.split("\n");
      const column = [...(lines.at(-1) ?? "")].length + 1;
      expect(placeOfOffset(text, before.length)).toEqual({ line: lines.length, column });
    }),
  );
});
