import fc from "fast-check";
import { expect, test } from "vitest";
import { lex, type Token, UnterminatedTokenError } from "./lexer.ts";
import { splitStatements } from "./statements.ts";

const split = (text: string) => [...splitStatements(text)].map(({ start, end }) => text.slice(start, end));

test.each([
  ["select 1; select 2", ["select 1;", "select 2"]],
  [";; -- nothing\n;", []],
  ["select ';' -- ;\n;/* ; */ select $$;$$;", ["select ';' -- ;\n;", "select $$;$$;"]],
  [
    "create rule r as on insert to t do also (delete from a; delete from b); select 1;",
    ["create rule r as on insert to t do also (delete from a; delete from b);", "select 1;"],
  ],
  [
    "create or replace function f() returns int begin atomic select case when a then 1 end; select 2; end; select 3;",
    [
      "create or replace function f() returns int begin atomic select case when a then 1 end; select 2; end;",
      "select 3;",
    ],
  ],
  [
    "begin; select 1; end; select case 1 when 1 then 2 end;",
    ["begin;", "select 1;", "end;", "select case 1 when 1 then 2 end;"],
  ],
  [
    "set standard_conforming_strings = off; select 'a\\'; b'; set standard_conforming_strings to on; select '\\'; select 1;",
    [
      "set standard_conforming_strings = off;",
      "select 'a\\'; b';",
      "set standard_conforming_strings to on;",
      "select '\\';",
      "select 1;",
    ],
  ],
  ["select 1); select (2; 3); select 4", ["select 1);", "select (2; 3);", "select 4"]],
  [
    "set session standard_conforming_strings to 'OFF'; select '\\';'; reset standard_conforming_strings; select '\\';",
    [
      "set session standard_conforming_strings to 'OFF';",
      "select '\\';';",
      "reset standard_conforming_strings;",
      "select '\\';",
    ],
  ],
  [
    "create procedure p() begin atomic begin; select 1; end; select 2",
    ["create procedure p() begin atomic begin; select 1; end;", "select 2"],
  ],
])("splits %j where psql does", (text, expected) => {
  expect(split(text)).toEqual(expected);
});

test.each([
  ["a parameter", "create function f(begin int) returns int return begin;"],
  ["a function", "create or replace function begin() returns int language sql as 'select 1';"],
  ["a column of a body", "create function f() returns int begin atomic select begin from t; end;"],
  ["a label of a body", "create function f() returns int begin atomic select t.end, 1 as case from t; end;"],
])("a keyword that names %s neither begins nor ends a body", (_, statement) => {
  expect(split(`${statement} select 2`)).toEqual([statement, "select 2"]);
});

test("statements of any tokens come out as they went in", () => {
  const token = fc.constantFrom(
    "select",
    "a",
    "'x;''y'",
    "E'\\';'",
    '"q;"',
    "$$;'$$",
    "$t$;$$;$t$",
    "(1; 2)",
    "/*;*/",
    "-- ;\n",
    "1.5",
    "+",
    "::",
  );
  const statement = fc.array(token, { minLength: 1, maxLength: 8 }).map((parts) => `select ${parts.join(" ")}`);
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 6 }), (statements) => {
      const text = statements.map((sql) => `${sql}\n;`).join("");
      expect(split(text)).toEqual(statements.map((sql) => `${sql}\n;`));
    }),
  );
});

test("any text is split, or is never ended, without losing anything but white space and comments", () => {
  const part = fc.constantFrom(
    ..."a;()'\"$-/* \né😀",
    "begin ",
    "atomic ",
    "create function ",
    "end ",
    "case ",
    "--",
    "$$",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const kept = (offsets: readonly { readonly start: number; readonly end: number }[]) =>
        offsets.map(({ start, end }) => text.slice(start, end)).filter((source) => source !== ";");
      const isComment = ({ kind }: Token) => kind === "line-comment" || kind === "block-comment";
      let tokens: Token[];
      try {
        tokens = [...lex(text)];
      } catch (error) {
        expect(error).toBeInstanceOf(UnterminatedTokenError);
        expect(() => split(text)).toThrow(UnterminatedTokenError);
        return;
      }
      const statements = [...splitStatements(text)];
      expect(kept(statements.flatMap((statement) => statement.tokens))).toEqual(
        kept(tokens.filter((token) => !isComment(token))),
      );
    }),
    { numRuns: 1000 },
  );
});

test("stops where a comment ends the script, and never reads what follows", () => {
  const text = "select 1 -- stop\n 'never closed";
  const statements = [...splitStatements(text, { onComment: () => "stop" })];
  expect(statements.map(({ start, end }) => text.slice(start, end))).toEqual(["select 1"]);
});
