import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { isLockFree } from "../support/migration-lock.ts";
import { addMigrations, migrations } from "../support/migrations.ts";
import { startNetworkNode } from "../support/network-node.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** What the lost migrators are doing: one line for each, with the file that the next one finds instead. */
const scenes = [
  { running: "select pg_sleep(300);", next: "select 1;" },
  { running: "create index concurrently a_n on a (n);", next: "create index concurrently a_n on a (n);" },
  { running: "-- gate: no-transaction\nselect 1;\nselect pg_sleep(300);", next: "-- gate: no-transaction\nselect 1;" },
];

test("the lock of a migrator whose node is lost is free within 30 seconds, whatever it was doing", async (context) => {
  const node = startNetworkNode(context);
  server.process.configure(`listen_addresses = '127.0.0.1, ${node.hostAddress}'`);
  server.process.write(
    "pg_hba.conf",
    "host all all 127.0.0.1/32 scram-sha-256\nhost all owner 198.18.0.0/15 scram-sha-256\n",
  );
  await server.stop();
  await server.start();
  const runs = await Promise.all(
    scenes.map(async ({ running, next }) => {
      const database = await server.createDatabase();
      const dir = migrations({ "1_a.sql": "create table a (n int);" });
      const flags = ["--dir", dir];
      expect(await startCli(bundle, flags, { DATABASE_URL: database.url }).ended()).toMatchObject({ exitCode: 0 });
      const writer = await database.connect();
      await writer.query("begin; insert into a values (1)");
      addMigrations(dir, { "2_b.sql": running });
      const there = Object.assign(new URL(database.url), { hostname: node.hostAddress }).href;
      startCli(bundle, flags, { DATABASE_URL: there }, node.launcher);
      await eventually("the migrator there is in its long statement", () => isBusy(database));
      addMigrations(dir, { "2_b.sql": next });
      return { database, flags, writer };
    }),
  );
  node.lose();
  const lostAt = performance.now();
  await Promise.all(
    runs.map(async ({ database, flags, writer }) => {
      await eventually("the lock is free", () => isLockFree(database), 30_000);
      // A connection that had been closed, or reset, would have been noticed at once.
      expect(performance.now() - lostAt).toBeGreaterThan(1000);
      await writer.query("commit");
      const rerun = await startCli(bundle, flags, { DATABASE_URL: database.url }).ended();
      expect(rerun).toMatchObject({ exitCode: 0, last: { applied: 1 } });
    }),
  );
});

async function isBusy(database: TestDatabase): Promise<boolean> {
  const rows = await database.query(
    `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and state = 'active' and (wait_event = 'PgSleep' or wait_event_type = 'Lock')`,
  );
  return rows.length > 0;
}
