import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { migrations } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

test("a connection that falls silent before it is ready is given up, and made again", async () => {
  const dir = migrations({ "1_a.sql": "create table a ();" });
  // The start-up packet, and the two messages of the password's exchange.
  const runs = [1, 2, 3].map(async (message) => {
    const database = await server.createDatabase();
    const { url } = await startFaultProxy(database.url, [{ message, forwarded: "nothing", effect: "silence" }]);
    return startCli(bundle, ["--dir", dir], { DATABASE_URL: url, PGCONNECT_TIMEOUT: "2" });
  });
  for (const run of await Promise.all(runs)) {
    await run.logged("database is not available yet");
    expect(await run.ended()).toMatchObject({ exitCode: 0, last: { applied: 1 } });
  }
});

test("a connection that has fallen silent in a migration does not keep SIGTERM from ending the run", async () => {
  const database = await server.createDatabase();
  const { url } = await startFaultProxy(database.url, [{ message: /pg_sleep/, forwarded: "all", effect: "silence" }]);
  const dir = migrations({ "1_a.sql": "create table a (); select pg_sleep(30);" });
  const isAsleep = async () =>
    (await database.query("select from pg_stat_activity where wait_event = 'PgSleep'")).length > 0;
  const run = startCli(bundle, ["--dir", dir], { DATABASE_URL: url });
  await eventually("the migration runs", isAsleep);
  run.process.kill("SIGTERM");
  expect(await run.ended()).toMatchObject({ exitCode: 143 });
  await eventually("nothing runs any more", async () => !(await isAsleep()));
}, 20_000);
