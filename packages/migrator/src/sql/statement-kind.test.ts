import { expect, test } from "vitest";
import { isSuspicious, statementKind } from "./statement-kind.ts";
import { splitStatements, statementWords } from "./statements.ts";

const kind = (sql: string) => {
  const [statement] = splitStatements(sql);
  return statement && statementKind(sql, statement);
};

test.each([
  ["BEGIN", "begin"],
  ["start transaction isolation level serializable", "begin"],
  ["commit work", "commit"],
  ["END", "commit"],
  ["commit and no chain", "commit"],
  ["commit and chain", "other-transaction-control"],
  ["commit prepared 'x'", "other-transaction-control"],
  ["rollback", "other-transaction-control"],
  ["rollback to savepoint s", "ordinary"],
  ["prepare transaction 'x'", "other-transaction-control"],
  ["abort", "other-transaction-control"],
  ["prepare p as select 1", "ordinary"],
  ["start transaction", "begin"],
  ["savepoint s", "ordinary"],
  ["set transaction read write", "set-transaction"],
  ["set session characteristics as transaction read write", "ordinary"],
  ["create index concurrently on a (b)", "outside-transaction"],
  ["CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a (b)", "outside-transaction"],
  ["create index i on a (b)", "ordinary"],
  ['create index "concurrently" on a (b)', "ordinary"],
  ["create table concurrently_x ()", "ordinary"],
  ["create index on a (concurrently)", "ordinary"],
  ["create index i on concurrently.a (b)", "ordinary"],
  ["drop index i, concurrently", "ordinary"],
  ["reindex table schema", "ordinary"],
  ['reindex table "concurrently"', "ordinary"],
  ["drop index concurrently i", "outside-transaction"],
  ["drop index i", "ordinary"],
  ["reindex index concurrently i", "outside-transaction"],
  ["reindex (concurrently) table t", "outside-transaction"],
  ["reindex table t", "ordinary"],
  ["reindex schema s", "outside-transaction"],
  ["refresh materialized view concurrently v", "ordinary"],
  ["alter table a detach partition b concurrently", "outside-transaction"],
  ["alter table a detach partition b", "ordinary"],
  ["alter type e add value 'x'", "ordinary"],
  ["alter system set work_mem = '1MB'", "outside-transaction"],
  ["alter database d set tablespace t", "outside-transaction"],
  ["alter database d set work_mem = '1MB'", "ordinary"],
  ["vacuum (analyze) a", "outside-transaction"],
  ["analyze a", "ordinary"],
  ["cluster", "outside-transaction"],
  ["cluster a using i", "ordinary"],
  ["create subscription s connection '' publication p", "outside-transaction"],
  ["create subscription s connection '' publication p with (connect = false)", "ordinary"],
  ["create database d", "outside-transaction"],
  ["discard all", "outside-transaction"],
  ["discard temp", "ordinary"],
  ["merge into a using b on true when matched then do nothing", "ordinary"],
  ["some syntax that nobody knows yet", "ordinary"],
])("%s is %s", (sql, expected) => {
  expect(kind(sql)).toBe(expected);
});

test.each([
  ["create index concurrently i on a (b)", false],
  ["alter table a add b int", false],
  ["vacuum a", false],
  ["alter table a detach partition b", false],
  ["alter table a detach partition b concurrently", true],
  ["alter subscription s refresh publication", true],
  ["alter subscription s disable", false],
  ["reindex (verbose) table a", true],
  ["cluster (verbose)", true],
  ["create subscription s connection '' publication p with (connect = false)", true],
  ["create subscription s connection '' publication p", false],
])("%s is suspicious: %s", (sql, expected) => {
  const [statement] = splitStatements(sql);
  expect(statement && isSuspicious(statementWords(sql, statement))).toBe(expected);
});
