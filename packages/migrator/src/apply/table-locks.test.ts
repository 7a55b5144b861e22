import { expect, test } from "vitest";
import { splitStatements } from "../sql/statements.ts";
import { mayLockSeveralTables } from "./table-locks.ts";

test.each([
  ["create table a (n int); create table b (n int); insert into a values (1)", false],
  ["alter table a add n int", false],
  ["alter table a add n int; comment on column a.n is 'references'", false],
  ["create index on a (n); grant select on a to b", false],
  ["alter table a add n int; create index on a (n)", true],
  ["alter table a add n int references b", true],
  ["create table a (n int references b)", true],
  ["create table a partition of b default", true],
  ["drop table a, b", true],
  ["do $$ begin end $$", true],
  ["select f()", true],
])("%s: %s", (sql, expected) => {
  expect(mayLockSeveralTables(sql, [...splitStatements(sql)])).toBe(expected);
});
