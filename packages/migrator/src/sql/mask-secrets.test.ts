import { expect, test } from "vitest";
import { mask, maskLiterals, secretLiterals } from "./mask-secrets.ts";
import { splitStatements } from "./statements.ts";
import { replaceStretches } from "./stretch.ts";

test.each([
  [
    "create role r login password 'x' valid until '2030-01-01'",
    "create role r login password '***' valid until '2030-01-01'",
  ],
  ["ALTER USER r PASSWORD E'x\\'y'; select 'kept'", "ALTER USER r PASSWORD '***'; select 'kept'"],
  ["alter role r password null", "alter role r password null"],
  [
    "create subscription s connection 'password=x' publication p",
    "create subscription s connection '***' publication p",
  ],
  [
    "create user mapping for r server s options (user 'u', password 'x')",
    "create user mapping for r server s options (user '***', password '***')",
  ],
  [
    "create server s foreign data wrapper w options (host 'h')",
    "create server s foreign data wrapper w options (host '***')",
  ],
  ["create role r password", "create role r password"],
  ["create role r password $$x$$", "create role r password '***'"],
  ["comment on table password is 'kept'", "comment on table password is 'kept'"],
])("%s", (sql, expected) => {
  const secrets = [...splitStatements(sql)].flatMap((statement) => [...secretLiterals(sql, statement)]);
  expect(replaceStretches(sql, 0, secrets, () => mask)).toBe(expected);
});

test.each([
  ["update a set b = 'Bob''s', c = $x$'$x$ where d = 1", "update a set b = '***', c = '***' where d = 1"],
  ["select 1 -- it's", "select 1 -- it's"],
  ["copy a from stdin", "copy a from stdin"],
  ["insert into a values (1, 'cut by the ser", "insert into a values (1, …"],
])("no string of another session's query is shown: %s", (query, shown) => {
  expect(maskLiterals(query)).toBe(shown);
});
