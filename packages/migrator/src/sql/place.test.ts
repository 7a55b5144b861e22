import fc from "fast-check";
import { expect, test } from "vitest";
import { excerpt, linesOfOffsets, locate, offsetOfCharacter, offsetOfLine } from "./place.ts";

test("columns and the server's positions count characters, offsets count UTF-16 units", () => {
  const text = "select 1;\nselect '😀é', x";
  expect(offsetOfCharacter(text, 23)).toBe(text.indexOf("x"));
  expect(locate([text], text.indexOf("x"))).toEqual({
    line: 2,
    column: 14,
    lineText: "select '😀é', x",
    lineStart: 10,
  });
});

const text = "a\n\nbé😀\r\nc\n";
const divisions = [[text], [...text], ["a\n", "\nbé", "😀\r", "\nc\n", ""]];

test.each(divisions)("a place is the same, however the text is divided: %j", (...chunks) => {
  const places = [...text].map((_, offset) => {
    const { line, column, lineText } = locate(chunks, offset);
    return `${line}:${column} ${lineText}`;
  });
  const whole = [...text].map((_, offset) => {
    const before = text.slice(0, offset).split("\n");
    return `${before.length}:${[...(before.at(-1) ?? "")].length + 1} ${text.split("\n")[before.length - 1]}`;
  });
  expect(places).toEqual(whole);
});

test.each(divisions)("lines are found in one go, in any order: %j", (...chunks) => {
  const offsets = [text.length, 0, text.indexOf("c"), 2, text.length - 1, 0, 1];
  expect(linesOfOffsets(chunks, offsets)).toEqual([5, 1, 4, 2, 4, 1, 1]);
});

test.each(divisions)("a line is found by its number, as long as there is one: %j", (...chunks) => {
  const starts = [1, 2, 3, 4, 5].map((line) => offsetOfLine(chunks, line));
  expect(starts).toEqual([0, 2, 3, text.indexOf("c"), undefined]);
});

const excerptOf = (lineText: string, column: number) => excerpt({ line: 1, column, lineText, lineStart: 0 });

test("the caret stands under its column, behind tabs too", () => {
  expect(excerptOf("\tselect\tx;\r", 9)).toBe("\tselect\tx;\n\t      \t^");
});

test("of a very long line only the neighbourhood is shown", () => {
  const [line = "", caret = ""] = excerptOf(`${"a".repeat(5000)}X${"b".repeat(5000)}`, 5001).split("\n");
  expect(line.length).toBeLessThan(200);
  expect(line.charAt(caret.indexOf("^"))).toBe("X");
});

test("the end of a text has a place, and a position behind it ends there", () => {
  const end = locate(["a\nb"], 3);
  expect(end).toMatchObject({ line: 2, column: 2 });
  expect(offsetOfCharacter("a😀", 9)).toBe(3);
  expect(excerpt(end)).toBe("b\n ^");
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
      expect(locate([text], before.length)).toMatchObject({ line: lines.length, column });
    }),
  );
});
