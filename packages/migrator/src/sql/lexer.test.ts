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
  ["'a' -- one\n -- two\n\t'b''c' d", ["'a' -- one\n -- two\n\t'b''c'", "d"]],
  ["'a' -- only a comment", ["'a'", "-- only a comment"]],
  ["'a'\n /* no */ 'b'", ["'a'", "/* no */", "'b'"]],
  ["U&'d\\0061t' B'01' x'ff'", ["U&'d\\0061t'", "B'01'", "x'ff'"]],
  ["B'01''' X'ff'", ["B'01'", "''", "X'ff'"]],
  [`+++a ${"*".repeat(66)}`, ["+", "+", "+", "a", "*".repeat(65), "*"]],
  ['"a ""b""; c" U&"d"', ['"a ""b""; c"', 'U&"d"']],
  ["$$ ' ; $$ $a$ $$ $b$ $a$", ["$$ ' ; $$", "$a$ $$ $b$ $a$"]],
  ["a$b$c $1 $2::int", ["a$b$c", "$1", "$2", "::", "int"]],
  ["/* a /* b */ ' */ c", ["/* a /* b */ ' */", "c"]],
  ["1--2\n+3", ["1", "--2", "+", "3"]],
  ["a=-1 b<=-2 c@-d e*/* f */g", ["a", "=", "-", "1", "b", "<=", "-", "2", "c", "@-", "d", "e", "*", "/* f */", "g"]],
  ["1.5e-3 0x_1F .5 1_000 1..2", ["1.5e-3", "0x_1F", ".5", "1_000", "1", "..", "2"]],
  ["0b_01 0o17 1_000.5e0_1 1.e5 1e", ["0b_01", "0o17", "1_000.5e0_1", "1.e5", "1", "e"]],
  ["a[1:2] :=b :'c' d.*", ["a", "[", "1", ":", "2", "]", ":=", "b", ":", "'c'", "d", ".", "*"]],
  ["$1a $a b$ $é$ ; $é$", ["$1", "a", "$", "a", "b$", "$é$ ; $é$"]],
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
  const text = "'it\\'s' n'\\'' 'b'";
  expect([...lex(text, 0, true)].map(({ start, end }) => text.slice(start, end))).toEqual([
    "'it\\'s'",
    "n'\\''",
    "'b'",
  ]);
});

const sqlCharacters = fc.string({ unit: fc.constantFrom(..."a1$'\"-/*;\\ \n\r(){}E&U+@.:é表😀"), maxLength: 60 });

test.each([
  ["of SQL's characters", sqlCharacters],
  ["of all characters", fc.string({ unit: "binary", maxLength: 60 })],
])("any text %s is tokens with white space between them, or is never ended", (_, anyText) => {
  fc.assert(
    fc.property(anyText, fc.boolean(), (text, backslashEscapes) => {
      let end = 0;
      try {
        for (const token of lex(text, 0, backslashEscapes)) {
          expect(text.slice(end, token.start)).toMatch(/^[ \t\n\r\f\v]*$/);
          expect(token.end).toBeGreaterThan(token.start);
          end = token.end;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(UnterminatedTokenError);
        expect((error as UnterminatedTokenError).start).toBeGreaterThanOrEqual(end);
        return;
      }
      expect(text.slice(end)).toMatch(/^[ \t\n\r\f\v]*$/);
    }),
    { numRuns: 1000 },
  );
});

const anyContent = fc.string({ unit: fc.constantFrom(..."a;$'\"\\/*- \né😀"), maxLength: 20 });

test.each([
  ["string", (content: string) => `'${content.replaceAll("'", "''")}'`],
  ["string", (content: string) => `E'${content.replace(/['\\]/g, "\\$&")}'`],
  ["quoted-identifier", (content: string) => `"${content.replaceAll('"', '""')}"`],
  ["dollar-string", (content: string) => `$tag$${content}$tag$`],
  ["block-comment", (content: string) => `/*${content.replace(/[/*]/g, "")}*/`],
  ["line-comment", (content: string) => `--${content.replaceAll("\n", "")}`],
])("whatever is quoted is one %s", (kind, quote) => {
  fc.assert(
    fc.property(anyContent, (content) => {
      const quoted = quote(content);
      expect(tokens(`${quoted}\n;`)).toEqual([
        [kind, quoted],
        ["punctuation", ";"],
      ]);
    }),
  );
});

test("long white space, comments and strings are read in one step each", () => {
  const long = " ".repeat(5_000_000);
  expect(texts(`'a'${long}\n'b'`)).toHaveLength(1);
  expect(texts(`E'${"\\'".repeat(2_000_000)}' ${"-- x\n".repeat(100_000)} a`)).toHaveLength(100_002);
});
