import { expect, test } from "vitest";
import { splitStatements } from "../sql/statements.ts";
import { parseConcurrentIndex } from "./concurrent-index.ts";

test.each([
  ["create index concurrently i on t (a)", { name: "i", table: "t" }],
  [
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS My_Index ON ONLY s.t USING btree (a)",
    { name: "My_Index", table: "s.t" },
  ],
  ['create index concurrently "My ""Index""" on "S"."T" (a)', { name: '"My ""Index"""', table: '"S"."T"' }],
  ["create index concurrently on t (a)", { table: "t" }],
  ["create index i on t (a)", undefined],
  ["drop index concurrently i", undefined],
])("%s", (sql, expected) => {
  const [statement] = splitStatements(sql);
  expect(statement && parseConcurrentIndex(sql, statement)).toEqual(expected);
});
