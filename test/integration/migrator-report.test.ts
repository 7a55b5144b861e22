import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunReport, RunSuccess } from "@migration-gate/run-report/report";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { addMigrations, migrations, temporaryDirectory } from "../support/migrations.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** What a run that succeeded reports. */
type Success = Pick<RunReport, "history"> & { readonly success: RunSuccess };

/** Starts a run that waits for an acknowledgement, and reads the success that it reports. */
async function reportedSuccess(database: TestDatabase, dir: string, directory: string) {
  const run = startCli(bundle, ["--dir", dir, "--report", directory], { DATABASE_URL: database.url });
  const read = async () => {
    const { runId, success, history } = readReport(directory);
    return success && { run, runId, success, history };
  };
  return await eventually("success is reported", () => read().catch(() => undefined));
}

/** The success of a run that is killed before anybody acknowledges it. */
async function lostSuccess(database: TestDatabase, dir: string): Promise<Success> {
  const { run, success, history } = await reportedSuccess(database, dir, temporaryDirectory("report"));
  run.process.kill("SIGKILL");
  await run.ended();
  return { success, ...(history && { history }) };
}

function readReport(directory: string): RunReport {
  return JSON.parse(readFileSync(join(directory, "report.json"), "utf8")) as RunReport;
}

test("--report ends with 0 once this run's success is acknowledged", async () => {
  const database = await server.createDatabase();
  const report = temporaryDirectory("report");
  const dir = migrations({ "1_a.sql": "create table a ();" });
  writeFileSync(join(report, "acknowledged.json"), JSON.stringify({ runId: "of an earlier container" }));
  const { run, runId, success } = await reportedSuccess(database, dir, report);
  expect(success).toEqual({ applied: 1, appliedTo: "1_a", durationMs: expect.any(Number) });
  expect(run.process.exitCode).toBeNull();
  writeFileSync(join(report, "acknowledged.json"), JSON.stringify({ runId, recordedAt: "now" }));
  expect(await run.ended()).toMatchObject({ exitCode: 0 });
});

test("--report ends with 5 where nobody acknowledges, and what was applied stays", async () => {
  const database = await server.createDatabase();
  const report = temporaryDirectory("report");
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const args = ["--dir", dir, "--report", report, "--wait-budget", "400ms"];
  const run = await startCli(bundle, args, { DATABASE_URL: database.url }).ended();
  expect(run).toMatchObject({ exitCode: 5, last: { applied: 1, reason: expect.stringContaining("recorder") } });
  expect(await database.query("select state from migration_gate.history")).toEqual([{ state: "done" }]);
});

test("a failure reaches the report and the termination message, without row data", async () => {
  const database = await server.createDatabase();
  const report = temporaryDirectory("report");
  const dir = migrations({ "1_a.sql": "create table a (id int unique);\ninsert into a values (7), (7);" });
  const terminationLog = join(report, "termination-log");
  const env = { DATABASE_URL: database.url, MIGRATOR_TERMINATION_LOG: terminationLog };
  const run = await startCli(bundle, ["--dir", dir, "--report", report], env).ended();
  expect(run).toMatchObject({ exitCode: 4, last: { detail: "Key (id)=(7) already exists." } });
  const content = readFileSync(join(report, "report.json"), "utf8");
  expect(JSON.parse(content)).toMatchObject({
    phase: "failed",
    failure: { exitCode: 4, file: "1_a.sql", line: 2, sqlState: "23505" },
  });
  expect(content).not.toContain("(7)");
  expect(readFileSync(terminationLog, "utf8")).toBe(
    '1_a.sql:2:1: duplicate key value violates unique constraint "a_id_key" (SQLSTATE 23505)',
  );
});

test.each([
  ["in a transaction", "-- gate: breaking\ncreate table a ();"],
  ["statement by statement", "-- gate: breaking\n-- gate: no-transaction\ncreate table a ();"],
])("a breaking migration, applied %s, is reported by the run after it too", async (_, sql) => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": sql, "2_b.sql": "create table b ();" });
  const first = await lostSuccess(database, dir);
  const [row] = await database.query<{ finished_at: Date }>(
    "select finished_at from migration_gate.history where key = '1_a'",
  );
  const breakingAppliedAt = row?.finished_at.toISOString();
  expect(first).toMatchObject({ success: { applied: 2 }, history: { breakingAppliedAt } });
  expect(await lostSuccess(database, dir)).toMatchObject({ success: { applied: 0 }, history: { breakingAppliedAt } });
});

test("the last breaking migration is reported, by older files that know the one before it too", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "-- gate: breaking\ncreate table a ();" });
  const { breakingAppliedAt } = (await lostSuccess(database, dir)).history ?? {};
  expect(breakingAppliedAt).toBeDefined();
  addMigrations(dir, { "2_b.sql": "create table b ();" });
  const history = { breakingAppliedAt };
  expect(await lostSuccess(database, dir)).toMatchObject({ success: { applied: 1, appliedTo: "2_b" }, history });
  const older = migrations({ "1_a.sql": "-- gate: breaking\ncreate table a ();" });
  expect(await lostSuccess(database, older)).toMatchObject({ success: { applied: 0, appliedTo: "2_b" }, history });
  addMigrations(dir, { "3_c.sql": "-- gate: breaking\ncreate table c ();" });
  const last = await lostSuccess(database, dir);
  expect(Date.parse(last.history?.breakingAppliedAt ?? "")).toBeGreaterThan(Date.parse(breakingAppliedAt ?? ""));
});

test("a success tells when the history was read, by the database's clock", async () => {
  const database = await server.createDatabase();
  const dir = migrations({ "1_a.sql": "create table a ();" });
  const readAt = async () => Date.parse((await lostSuccess(database, dir)).history?.readAt ?? "");
  const clock = async () => {
    const [row] = await database.query<{ now: Date }>("select clock_timestamp() as now");
    return row?.now.getTime() ?? Number.NaN;
  };
  for (const what of ["applied", "nothing pending"]) {
    const before = await clock();
    const read = await readAt();
    expect(read, what).toBeGreaterThanOrEqual(before);
    expect(read, what).toBeLessThanOrEqual(await clock());
  }
});

test("a breaking migration is reported by a run that fails after it, and by one that is refused for it", async () => {
  const database = await server.createDatabase();
  const report = temporaryDirectory("report");
  const run = (files: Readonly<Record<string, string>>) =>
    startCli(bundle, ["--dir", migrations(files), "--report", report], { DATABASE_URL: database.url }).ended();
  const broken = await run({ "1_a.sql": "-- gate: breaking\ncreate table a ();", "2_b.sql": "select 1 / 0;" });
  expect(broken).toMatchObject({ exitCode: 4 });
  const [row] = await database.query<{ finished_at: Date }>("select finished_at from migration_gate.history");
  const history = { breakingAppliedAt: row?.finished_at.toISOString() };
  expect(readReport(report)).toMatchObject({ phase: "failed", history });
  expect(await run({ "0_z.sql": "select 1;" })).toMatchObject({ exitCode: 3 });
  expect(readReport(report)).toMatchObject({ phase: "failed", failure: { exitCode: 3 }, history });
});
