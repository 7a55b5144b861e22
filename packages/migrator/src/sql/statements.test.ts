import fc from "fast-check";
import { expect, test } from "vitest";
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
])("splits %j where psql does", (text, expected) => {
  expect(split(text)).toEqual(expected);
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

test("stops where a comment ends the script, and never reads what follows", () => {
  const text = "select 1 -- stop\n 'never closed";
  const statements = [...splitStatements(text, { onComment: () => "stop" })];
  expect(statements.map(({ start, end }) => text.slice(start, end))).toEqual(["select 1"]);
});
