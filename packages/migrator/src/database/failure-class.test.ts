import { expect, test } from "vitest";
import { failureClass } from "./failure-class.ts";

test.each([
  ["08006", "connection"],
  ["57P01", "connection"],
  ["25006", "connection"],
  ["57P03", "not-yet"],
  ["53300", "not-yet"],
  ["28P01", "not-yet"],
  ["3D000", "not-yet"],
  ["55P03", "contention"],
  ["40P01", "contention"],
  ["40001", "contention"],
  ["53100", "resources"],
  ["53200", "resources"],
  ["42601", "sql"],
  ["23505", "sql"],
  ["57014", "sql"],
  ["40002", "sql"],
  ["", "sql"],
])("%s is %s", (sqlState, expected) => {
  expect(failureClass(sqlState)).toBe(expected);
});
