import { expect, test } from "vitest";
import { splitStatements } from "../sql/statements.ts";
import { parseDetach } from "./detach-partition.ts";
import { parseReindex } from "./reindex.ts";

test.each([
  ["reindex index concurrently i", { scope: "index", name: "i" }],
  ['REINDEX (VERBOSE, CONCURRENTLY) TABLE "S".t;', { scope: "table", name: '"S".t' }],
  ["reindex (tablespace x) schema concurrently s", { scope: "schema", name: "s" }],
  ["reindex database concurrently d", { scope: "database" }],
  ["reindex database concurrently", { scope: "database" }],
  ["reindex index i", undefined],
  ["reindex system d", undefined],
])("%s", (sql, expected) => {
  const [statement] = splitStatements(sql);
  expect(statement && parseReindex(sql, statement)).toEqual(expected);
});

test.each([
  ["alter table p detach partition q concurrently", { table: "p", partition: "q" }],
  ['ALTER TABLE IF EXISTS ONLY s."P" * DETACH PARTITION s.q CONCURRENTLY;', { table: 's."P"', partition: "s.q" }],
  ["alter table p detach partition q", undefined],
  ["alter table p detach partition q finalize", undefined],
  ["alter table p add column concurrently_x int", undefined],
])("%s", (sql, expected) => {
  const [statement] = splitStatements(sql);
  expect(statement && parseDetach(sql, statement)).toEqual(expected);
});
