import { expect, test } from "vitest";
import { fileSettings, runSettings } from "./settings.ts";

const env = { DATABASE_URL: "postgres://o:secret@db/d" };

test("flag before environment before default", () => {
  const settings = runSettings(
    { "lock-timeout": "1s" },
    { ...env, MIGRATOR_LOCK_TIMEOUT: "3s", MIGRATOR_WAIT_BUDGET: "1m" },
    "1",
  );
  expect(settings).toMatchObject({
    lockTimeoutMs: 1000,
    waitBudgetMs: 60_000,
    directory: "migrations",
    outOfOrder: false,
  });
  expect(settings.history).toEqual({ schema: "migration_gate", table: "history", set: "default" });
});

test("a list comes from repeated flags or from commas in the environment", () => {
  expect(fileSettings({ ignore: ["a", "b"] }, {}).ignore).toEqual(["a", "b"]);
  expect(fileSettings({}, { MIGRATOR_IGNORE: "a,b" }).ignore).toEqual(["a", "b"]);
});

test("variables that Kubernetes makes of a Service named migrator change nothing", () => {
  expect(() =>
    fileSettings({}, { MIGRATOR_PORT: "tcp://10.0.0.1:80", MIGRATOR_SERVICE_HOST: "10.0.0.1" }),
  ).not.toThrow();
});

test("all problems are named at once", () => {
  const flags = { "wait-budget": "5", history: "history", dir: ["a", "b"] };
  const run = () => runSettings(flags, { ...env, MIGRATOR_OUT_OF_ORDER: "yes", DATABASE_URL_FILE: "/x" }, "1");
  expect(run).toThrow(/both DATABASE_URL.*--dir is given more than once.*--history.*--wait-budget.*--out-of-order/s);
});
