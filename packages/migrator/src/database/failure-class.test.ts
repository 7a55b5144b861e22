import { readFileSync } from "node:fs";
import pg from "pg";
import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { isRetriedConnectError } from "./connect.ts";
import { failureClass, failureClasses, socketFailureClass, socketFailureClasses } from "./failure-class.ts";

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
  ["23514", "sql"],
  ["57P04", "not-yet"],
  ["", "sql"],
])("%s is %s", (sqlState, expected) => {
  expect(failureClass(sqlState)).toBe(expected);
});

test.each([
  ["ECONNREFUSED", "not-yet"],
  ["ECONNRESET", "connection"],
  ["ENOTFOUND", "not-yet"],
  ["EPIPE", "connection"],
  ["CERT_HAS_EXPIRED", "not-yet"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "not-yet"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "not-yet"],
  ["ERR_INVALID_ARG_TYPE", undefined],
])("%s is %s", (code, expected) => {
  expect(socketFailureClass(code)).toBe(expected);
});

const withCode = (code: string) => Object.assign(new Error(code), { code });

test.each([
  ["a refused connection", withCode("ECONNREFUSED"), true],
  ["a certificate that has expired", withCode("CERT_HAS_EXPIRED"), true],
  ["every address refused", new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")]), true],
  ["a server that hung up", new Error("Connection terminated unexpectedly"), true],
  ["any refusal of the server's own", new pg.DatabaseError("no", 2, "error"), true],
  ["a wrong argument", Object.assign(new TypeError("no"), { code: "ERR_INVALID_ARG_TYPE" }), false],
  ["a mistake of ours", new TypeError("x is not a function"), false],
  ["wrong settings", new UsageError("PGPORT"), false],
])("%s while connecting is waited for: %s", (_, error, expected) => {
  expect(isRetriedConnectError(error)).toBe(expected);
});

test("docs/exit-codes.md lists exactly these codes, each in its class's row", () => {
  const page = readFileSync(new URL("../../../../docs/exit-codes.md", import.meta.url), "utf8");
  const rows = page.matchAll(/^\| `(connection|not-yet|contention|resources)` *\| ([^|]*) \|/gm);
  const documented = [...rows].flatMap(([, kind, codes = ""]) =>
    [...codes.matchAll(/`([^`]+)`/g)].map(([, code]) => `${code}: ${kind}`),
  );
  const decided = Object.entries({ ...failureClasses, ...socketFailureClasses });
  expect(documented.sort()).toEqual(decided.map(([code, kind]) => `${code}: ${kind}`).sort());
});
