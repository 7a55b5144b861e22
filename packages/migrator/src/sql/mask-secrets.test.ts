import { expect, test } from "vitest";
import { mask, maskLine, maskLiterals, maskQuoted, secretLiterals } from "./mask-secrets.ts";
import { excerpt, locate } from "./place.ts";
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

test.each([
  ["before it", "create role r password 'xx' nonsense", "nonsense", "create role r password '***' nonsense"],
  ["behind it", "create nonsense r password 'xx'", "nonsense", "create nonsense r password '***'"],
  ["at it", "create role r password 'xx'", "'xx'", "create role r password '***'"],
])("a line is shown without its secret, the caret where it belongs: %s", (_, sql, culprit, shown) => {
  const text = `select 1;\n${sql}`;
  const secrets = [...splitStatements(text)].flatMap((statement) => [...secretLiterals(text, statement)]);
  const [line = "", caret = ""] = excerpt(maskLine(locate([text], text.indexOf(culprit)), secrets)).split("\n");
  expect(line).toBe(shown);
  expect(line.slice(caret.indexOf("^"))).toMatch(culprit === "'xx'" ? /^'\*\*\*'/ : /^nonsense/);
});

test.each([
  [
    `SQL statement "alter role r password 'x''y' valid until 'z'"`,
    `SQL statement "alter role r password '***' valid until 'z'"`,
  ],
  ["ALTER USER r PASSWORD  E'x'", "ALTER USER r PASSWORD  '***'"],
  ["create role r password $a$x$b$y$a$ login", "create role r password '***' login"],
  ["create role r password 'cut", "create role r password '***'"],
  ["alter role r password E'x\\'y' valid", "alter role r password '***' valid"],
  ["alter role r password /* ' */ $é$x$é$", "alter role r password /* ' */ '***'"],
  ['column "password" does not exist', 'column "password" does not exist'],
  ["password authentication failed for user 'r'", "password authentication failed for user 'r'"],
])("a statement that the server quotes shows no password: %s", (words, shown) => {
  expect(maskQuoted(words)).toBe(shown);
});
