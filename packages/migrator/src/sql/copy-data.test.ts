import fc from "fast-check";
import { expect, test } from "vitest";
import { isCopyFromStdin } from "./copy-data.ts";
import { splitStatements, statementWords } from "./statements.ts";

/** Each statement with the data that belongs to it. */
const split = (text: string) =>
  [...splitStatements(text)].map(({ start, end, data }) => [
    text.slice(start, end),
    data && text.slice(data.start, data.end),
  ]);

test.each([
  ["copy a from stdin", true],
  ["COPY public.a (b, c) FROM STDIN", true],
  ["copy a (b) from stdin with (format csv)", true],
  ["copy a from stdin where b is distinct from 3", true],
  ["copy a from stdout", true],
  ["copy a from '/file'", false],
  ["copy a from program 'cat'", false],
  ["copy a to stdout", false],
  ["copy (select 1 from stdin) to stdout", false],
  ["select a from stdin", false],
])("%s reads data: %s", (sql, expected) => {
  const [statement] = splitStatements(`${sql};\n\\.\n`);
  expect(isCopyFromStdin(statement ? statementWords(sql, statement) : [])).toBe(expected);
});

test.each([
  [
    "one COPY",
    "copy a from stdin;\n1\t2\n\\.\nselect 1;",
    [
      ["copy a from stdin;", "1\t2\n"],
      ["select 1;", undefined],
    ],
  ],
  [
    "two COPYs",
    "copy a from stdin;\n1\n\\.\n\n\ncopy b from stdin;\n2\n\\.\n",
    [
      ["copy a from stdin;", "1\n"],
      ["copy b from stdin;", "2\n"],
    ],
  ],
  [
    "no row",
    "copy a from stdin;\n\\.\nselect 1",
    [
      ["copy a from stdin;", ""],
      ["select 1", undefined],
    ],
  ],
  ["the end of the file behind \\.", "copy a from stdin;\n1\n\\.", [["copy a from stdin;", "1\n"]]],
  [
    "CRLF",
    "copy a from stdin;\r\n1\r\n\\.\r\nselect 1;",
    [
      ["copy a from stdin;", "1\r\n"],
      ["select 1;", undefined],
    ],
  ],
  ["a comment in its line", "copy a from stdin; -- rows\n1\n\\.\n", [["copy a from stdin;", "1\n"]]],
  [
    "quotes, comments, semicolons and psql commands in the data",
    "copy a from stdin;\nit's; /* $$ \" (\n\\restrict x\n\\\\.\n \\.\n\\. \n\\.\nselect ';';",
    [
      ["copy a from stdin;", "it's; /* $$ \" (\n\\restrict x\n\\\\.\n \\.\n\\. \n"],
      ["select ';';", undefined],
    ],
  ],
  [
    "line separators that are none to the server",
    "copy a from stdin;\nx\u2028\\.\ny\r\\.\u2029\n\\.\n",
    [["copy a from stdin;", "x\u2028\\.\ny\r\\.\u2029\n"]],
  ],
  [
    "\\. and COPY in a string",
    "select 'copy a from stdin;\n\\.\n';\nselect 2;",
    [
      ["select 'copy a from stdin;\n\\.\n';", undefined],
      ["select 2;", undefined],
    ],
  ],
  [
    "multi-byte text before and in it",
    "select '😀é';\ncopy a from stdin;\n😀\té\n\\.\nselect 'ü';",
    [
      ["select '😀é';", undefined],
      ["copy a from stdin;", "😀\té\n"],
      ["select 'ü';", undefined],
    ],
  ],
])("%s: the data ends at the line \\. and is not lexed", (_, text, expected) => {
  expect(split(text)).toEqual(expected);
});

test("any data comes out as it went in, and SQL goes on behind it", () => {
  const part = fc.constantFrom(
    "'",
    '"',
    "$$",
    "/*",
    "--",
    ";",
    "\\.",
    "\\",
    "\\N",
    "\t",
    "\r",
    "\u2028",
    "😀",
    "copy a from stdin;",
    "1",
  );
  const line = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));
  const data = fc.array(
    line.filter((text) => !/^\\\.\r?$/.test(text)),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(data, (lines) => {
      const rows = lines.map((text) => `${text}\n`).join("");
      expect(split(`copy a from stdin;\n${rows}\\.\nselect 1;`)).toEqual([
        ["copy a from stdin;", rows],
        ["select 1;", undefined],
      ]);
    }),
  );
});

test("strings keep the meaning that they had before the data", () => {
  const text = "set standard_conforming_strings = off;\ncopy a from stdin;\n1\n\\.\nselect 'a\\'; b';";
  expect(split(text).at(-1)).toEqual(["select 'a\\'; b';", undefined]);
});

test.each([
  ["copy a from stdin;\n1\n", 0, "the data of this COPY … FROM stdin is not ended by a line \\."],
  ["select 1;\ncopy a from stdin", 10, "the data of this COPY … FROM stdin is not ended by a line \\."],
  [
    "copy a from stdin; select 1;\n1\n\\.\n",
    18,
    "nothing may follow COPY … FROM stdin in its line: its data begins in the next one",
  ],
])("%j is refused", (text, start, message) => {
  expect(() => split(text)).toThrow(expect.objectContaining({ name: "CopyDataError", start, message }));
});
