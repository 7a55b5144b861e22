import fc from "fast-check";
import { expect, test } from "vitest";
import { lex, UnterminatedTokenError } from "./lexer.ts";

const tokens = (text: string) => [...lex(text)].map(({ kind, start, end }) => [kind, text.slice(start, end)]);
const texts = (text: string) => tokens(text).map(([, source]) => source);

test.each([
  ["'a''b' 'c\\'", ["'a''b'", "'c\\'"]],
  ["E'a\\'b' e'\\\\'", ["E'a\\'b'", "e'\\\\'"]],
  ["E'a'\n -- note\n '\\'b' c", ["E'a'\n -- note\n '\\'b'", "c"]],
  ["'a' 'b'", ["'a'", "'b'"]],
  ["U&'d\\0061t' B'01' x'ff'", ["U&'d\\0061t'", "B'01'", "x'ff'"]],
  ['"a ""b""; c" U&"d"', ['"a ""b""; c"', 'U&"d"']],
  ["$$ ' ; $$ $a$ $$ $b$ $a$", ["$$ ' ; $$", "$a$ $$ $b$ $a$"]],
  ["a$b$c $1 $2::int", ["a$b$c", "$1", "$2", "::", "int"]],
  ["/* a /* b */ ' */ c", ["/* a /* b */ ' */", "c"]],
  ["1--2\n+3", ["1", "--2", "+", "3"]],
  ["a=-1 b<=-2 c@-d e*/* f */g", ["a", "=", "-", "1", "b", "<=", "-", "2", "c", "@-", "d", "e", "*", "/* f */", "g"]],
  ["1.5e-3 0x_1F .5 1_000 1..2", ["1.5e-3", "0x_1F", ".5", "1_000", "1", "..", "2"]],
  ["größe 表 \\set x 'y\nz", ["größe", "表", "\\set x 'y", "z"]],
])("splits %j as PostgreSQL does", (text, expected) => {
  expect(texts(text)).toEqual(expected);
});

test.each([
  ["select 'oops", 7, "a string"],
  ["select E'oops\\'", 7, "a string"],
  ['"oops', 0, "a quoted identifier"],
  ["/* /* */", 0, "a comment"],
  ["do $x$ $$", 3, "a string quoted with $x$"],
])("refuses %j, which never ends", (text, start, what) => {
  expect(() => tokens(text)).toThrow(expect.objectContaining({ start, message: `${what} is never closed` }));
});

test("a backslash escapes a quote in every string where standard_conforming_strings is off", () => {
  const text = "'it\\'s' 'b'";
  expect([...lex(text, 0, true)].map(({ start, end }) => text.slice(start, end))).toEqual(["'it\\'s'", "'b'"]);
});

test("any text is split into tokens and white space without loss or overlap, or found unterminated", () => {
  const alphabet = fc.constantFrom(..."a1$'\"-/*;\\ \n(){}E+@.é😀");
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 60 }), (text) => {
      let end = 0;
      try {
        for (const token of lex(text)) {
          expect(text.slice(end, token.start)).toMatch(/^\s*$/);
          expect(token.end).toBeGreaterThan(token.start);
          end = token.end;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(UnterminatedTokenError);
        return;
      }
      expect(text.slice(end)).toMatch(/^\s*$/);
    }),
    { numRuns: 2000 },
  );
});
