import { expect, test } from "vitest";
import { connectionConfig, describeServer } from "./connection-settings.ts";

test.each([
  ["sslmode=disable", false],
  ["sslmode=require", { rejectUnauthorized: false }],
  ["sslmode=verify-full", {}],
])("%s means what it means to libpq", (parameter, ssl) => {
  expect(connectionConfig({ DATABASE_URL: `postgres://o@db/d?${parameter}` }).ssl).toEqual(ssl);
});

test.each([
  ["require", false],
  ["verify-full", true],
])("PGSSLMODE=%s verifies the server: %s", (mode, rejectUnauthorized) => {
  expect(connectionConfig({ PGHOST: "db", PGSSLMODE: mode }).ssl).toMatchObject({ rejectUnauthorized });
});

test("a description of the server carries no password", () => {
  const env = { DATABASE_URL: "postgres://o:secret@db:6543/d" };
  expect(describeServer(connectionConfig(env), env)).toBe("db:6543/d");
  const variables = { PGHOST: "h", PGPASSWORD: "secret", PGUSER: "u" };
  expect(describeServer(connectionConfig(variables), variables)).toBe("h:5432/u");
});

test("the name in pg_stat_activity can be chosen, by libpq's variable or in the URL", () => {
  expect(connectionConfig({ PGHOST: "h", PGAPPNAME: "mine" }).application_name).toBe("mine");
  expect(connectionConfig({ DATABASE_URL: "postgres://db/d?application_name=mine" }).application_name).toBe("mine");
  expect(connectionConfig({ PGHOST: "h" }).application_name).toMatch(/^migration-gate /);
});
