import { expect, test } from "vitest";
import { fileOfText } from "../../../../test/support/script-of-text.ts";
import { compareScripts } from "./compare-scripts.ts";

const compare = (stored: string, text: string) => compareScripts(stored, fileOfText(text));

test.each([
  ["comments and white space", "create table a (id int);", "/* why */ create  table a (\n  id int -- key\n);"],
  ["the case of words", "create table a ()", "CREATE TABLE A ()"],
  ["line endings", "select 1;\nselect 2;", "select 1;\r\nselect 2;\r\n"],
  ["the down part", "select 1;\n", "select 1;\n-- +goose Down\nselect 2;"],
  ["a masked secret", "create role r password '***';", "create role r password 'new';"],
  [
    "comments around the data of COPY",
    "copy a from stdin;\n1\n\\.\n",
    "-- rows\nCOPY a  FROM stdin; -- here\r\n1\r\n\\.\r\n-- done",
  ],
])("%s do not count", (_, stored, text) => {
  expect(compare(stored, text)).toBeUndefined();
});

test.each([
  [
    "a type",
    "create table a (\n id int);",
    "create table a (\n id bigint);",
    { line: 2, before: "id int);", after: "id bigint);" },
  ],
  ["a string", "select 'a'", "select 'A'", { line: 1, before: "select 'a'", after: "select 'A'" }],
  ["a comment in a body", "do $$ begin end $$;", "do $$ begin /* x */ end $$;", { line: 1 }],
  ["a quoted name", 'select "a"', 'select "A"', { line: 1 }],
  [
    "a row",
    "copy a from stdin;\n1\n-- x\n\\.\n",
    "copy a from stdin;\n1\n-- X\n\\.\n",
    { line: 3, before: "-- x", after: "-- X" },
  ],
  ["white space in data", "copy a from stdin;\n1\n\\.\n", "copy a from stdin;\n1 \n\\.\n", { line: 2 }],
  [
    "a row less",
    "copy a from stdin;\n1\n2\n\\.\n",
    "copy a from stdin;\n1\n\\.\n",
    { line: 3, before: "2", after: "\\." },
  ],
  ["a statement more", "select 1;", "select 1;\nselect 2;", { line: 2, before: "", after: "select 2;" }],
  ["a statement less", "select 1;\nselect 2;", "select 1;", { before: "select 2;", after: "" }],
  ["a directive", "select 1;", "-- gate: breaking\nselect 1;", { line: 1 }],
])("%s counts", (_, stored, text, difference) => {
  expect(compare(stored, text)).toMatchObject(difference);
});

test("a secret in a line that differs is shown in neither, wherever it begins and ends", () => {
  const [stored, text] = ["create role r password '***'; select 1", "create role r password 'a\nb'; select 2"];
  expect(compare(stored, text)).toEqual({
    line: 2,
    before: "create role r password '***'; select 1",
    after: "'***'; select 2",
  });
});
