import { expect, test } from "vitest";
import { scriptOfText } from "../../../../test/support/script-of-text.ts";

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
  expect(scriptOfText(sql).mayLockSeveralTables).toBe(expected);
});
