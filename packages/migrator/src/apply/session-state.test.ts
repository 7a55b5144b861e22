import { expect, test } from "vitest";
import { isSessionState, leavesSessionObjects } from "./session-state.ts";

test.each([
  ["set search_path = a", true],
  ["set role x", true],
  ["reset all", true],
  ["select set_config ( 'a' , 'b' , false )", true],
  ["set local search_path = a", false],
  ["set constraints all deferred", false],
  ["select 1", false],
])("%s: session state %s", (sql, expected) => {
  expect(isSessionState(sql.split(" "))).toBe(expected);
});

test.each([
  ["create temp table t ()", true],
  ["create local temporary table t ()", true],
  ["create or replace temp view v as select 1", true],
  ["prepare p as select 1", true],
  ["listen x", true],
  ["create table temp ()", false],
  ["create table t ( temp int )", false],
  ["select 1", false],
])("%s: lost with the session %s", (sql, expected) => {
  expect(leavesSessionObjects(sql.split(" "))).toBe(expected);
});
