import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunReport } from "@migration-gate/run-report/report";
import { expect, test } from "vitest";
import { harmless, hostileText } from "../support/hostile-text.ts";
import { migrations, temporaryDirectory } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** What a run leaves for people to read: all of stdout, and the termination message. */
async function readable(command: readonly string[], files: Readonly<Record<string, string>>) {
  const database = await server.createDatabase();
  const report = temporaryDirectory("report");
  const message = join(report, "message");
  const args = [...command, "--dir", migrations(files), ...(command[0] === "up" ? ["--report", report] : [])];
  const run = startCli(bundle, args, { DATABASE_URL: database.url, MIGRATOR_TERMINATION_LOG: message });
  const { exitCode, stdout, log } = await run.ended();
  const failure = () => (JSON.parse(readFileSync(join(report, "report.json"), "utf8")) as RunReport).failure;
  return { exitCode, stdout, log, message: readFileSync(message, "utf8"), failure };
}

test.each([[["up"]], [["up", "--json"]]])(
  "what a migration raises controls no terminal and forges no line of the log: %j",
  async (command) => {
    const sql = `do $$ begin raise warning '${hostileText}'; raise exception '${hostileText}'; end $$;`;
    const { exitCode, stdout, log, message, failure } = await readable(command, { "1_a.sql": sql });
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(harmless);
    expect(message).toMatch(harmless);
    expect(log.every(({ name }) => name === "migrator")).toBe(true);
    expect(log.at(-1)).toMatchObject({ msg: "migrator ended" });
    // In JSON the text is as it was.
    expect(failure()).toMatchObject({ message: hostileText });
  },
);

test.each([[["up"]], [["up", "--json"]], [["status"]], [["validate"]]])(
  "a name with control characters is refused, and shown without them: %j",
  async (command) => {
    const { exitCode, stdout, log, message } = await readable(command, { [`1_${hostileText}.sql`]: "select 1;" });
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(harmless);
    expect(message).toMatch(harmless);
    expect(message).toMatch(/^[^\n]*1_\\u001b\[2J[^\n]*: the name has control characters: rename it$/);
    expect(log.every(({ name }) => name === "migrator")).toBe(true);
  },
);

test.each([
  ["finished_at = 'infinity'", "a finished_at that is no moment of our era"],
  ["version = repeat('9', 1000)", "a version that is no version"],
])("a history's row that cannot be read is a conflict, and nothing is applied: %s", async (change, problem) => {
  const database = await server.createDatabase();
  const env = { DATABASE_URL: database.url };
  const first = { "1_a.sql": "create table a ();" };
  await startCli(bundle, ["up", "--dir", migrations(first)], env).ended();
  await database.query(`update migration_gate.history set ${change}`);
  const dir = migrations({ ...first, "2_b.sql": "create table b ();" });
  expect(await startCli(bundle, ["up", "--dir", dir], env).ended()).toMatchObject({
    exitCode: 3,
    last: { reason: expect.stringContaining(`migration_gate.history has for 1_a ${problem}`) },
  });
  expect(await database.query("select to_regclass('b') as b")).toEqual([{ b: null }]);
});

test("a history in which somebody has written control characters is shown in as many lines as it has rows", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const env = { DATABASE_URL: database.url };
  await startCli(bundle, ["up", "--dir", dir], env).ended();
  await database.query("update migration_gate.history set key = $1", [`1_${hostileText}`]);
  const { stdout } = await startCli(bundle, ["status", "--dir", dir], env).ended();
  expect(stdout).toMatch(harmless);
  expect(stdout.trimEnd().split("\n")).toHaveLength(2);
});
