import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migrations } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

const lockTimeoutMs = 2000;
const marginMs = 500;

test("behind a migration that is blocked nobody queues longer than its lock timeout, and the log names who blocks", async () => {
  const database = await server.createDatabase();
  await database.query("create table a (id int)");
  const [ours, foreign] = [await hold(database.url, "long report"), await hold(database.superuserUrl, "backup")];
  const dir = migrations({ "1_a.sql": "alter table a add b int;" });
  const run = startCli(bundle, ["--dir", dir, "--allow-existing-tables"], { DATABASE_URL: database.url });
  const reader = await database.connect();
  const waits: number[] = [];
  const attempts = () => run.log.filter(({ msg }) => msg === "migration is blocked, trying again");
  while (attempts().length < 3) {
    await eventually("the migration, or the pause after it, is on", async () => {
      const { rows: requests } = await reader.query(
        "select from pg_locks where relation = 'a'::regclass and not granted and mode = 'AccessExclusiveLock'",
      );
      return requests.length > 0 || attempts().length >= 3;
    });
    const startedAt = performance.now();
    await reader.query("select * from a");
    waits.push(performance.now() - startedAt);
  }
  expect(Math.max(...waits)).toBeLessThan(lockTimeoutMs + marginMs);
  // Otherwise nobody would have stood behind the request at all.
  expect(Math.max(...waits)).toBeGreaterThan(lockTimeoutMs / 2);
  expect(attempts()[0]).toMatchObject({
    migration: "1_a",
    file: "1_a.sql",
    line: 1,
    sqlState: "55P03",
  });
  expect(attempts()[0]?.["blockers"]).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        pid: ours.pid,
        user: "owner",
        applicationName: "long report",
        state: "idle in transaction",
        query: readsTable,
      }),
      // The role may not see what another one does.
      expect.objectContaining({ pid: foreign.pid, user: "postgres", applicationName: "backup", query: null }),
    ]),
  );
  await Promise.all([ours.client.end(), foreign.client.end()]);
  expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});

const readsTable = "begin; select id from a";

/** A session that keeps its ACCESS SHARE on the table until it is ended. */
async function hold(connectionString: string, application_name: string) {
  const client = new pg.Client({ connectionString, application_name });
  await client.connect();
  onTestFinished(() => client.end());
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  await client.query(readsTable);
  return { client, pid: rows[0]?.pid };
}
