import { expect } from "vitest";
import type { PostgresServer, TestDatabase } from "./postgres.ts";
import type { RunningCli } from "./run-cli.ts";
import { type Snapshot, snapshot } from "./snapshot.ts";

/** Runs once, on a database of its own, what will be disturbed on others: how long it takes, and what it leaves. */
export async function undisturbedRun(
  server: PostgresServer,
  start: (database: TestDatabase) => RunningCli,
): Promise<{ readonly durationMs: number; readonly result: Snapshot }> {
  const database = await server.createDatabase();
  const run = start(database);
  await run.logged("migrator started");
  const startedAt = performance.now();
  expect(await run.ended()).toMatchObject({ exitCode: 0 });
  return { durationMs: performance.now() - startedAt, result: await snapshot(database) };
}
