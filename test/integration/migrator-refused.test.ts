import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");
let client: pg.Client;

/** Every caller of PreventInTransactionBlock in PostgreSQL 15 to 18, and its nearest neighbours that are no such caller. */
const statements = [
  "create database another",
  "drop database postgres",
  "alter database postgres set tablespace pg_default",
  "alter database postgres with tablespace pg_default",
  "alter database postgres set default_tablespace to ''",
  "alter database postgres connection limit -1",
  "create tablespace another location '/nowhere'",
  "drop tablespace pg_default",
  "alter system set work_mem = '4MB'",
  "discard all",
  "discard temp",
  "vacuum",
  "vacuum (analyze, verbose) a",
  "analyze a",
  "analyze",
  "cluster",
  "cluster verbose",
  "cluster (verbose) a",
  "cluster a using a_n",
  "create index concurrently on a (n)",
  "create unique index concurrently if not exists more on a (n)",
  "create index if not exists a_n on a (n)",
  'create index "concurrently" on a (n)',
  "drop index concurrently if exists a_n",
  "drop index if exists a_n",
  "reindex index concurrently a_n",
  "reindex table concurrently a",
  "reindex (concurrently) table a",
  "reindex (concurrently true, verbose) index a_n",
  "reindex (concurrently off) table a",
  "reindex table a",
  "reindex schema public",
  "reindex (verbose) schema public",
  "reindex system postgres",
  "reindex database postgres",
  "refresh materialized view concurrently v",
  "refresh materialized view v",
  "alter table p detach partition p1 concurrently",
  "alter table p detach partition p1 finalize",
  "alter table p detach partition p1",
  "alter table a add detach int default length('concurrently')",
  "alter type e add value 'b'",
  "create subscription s2 connection 'port=1' publication x",
  "create subscription s2 connection 'port=1' publication x with (connect = false)",
  "create subscription s2 connection 'port=1' publication x with (create_slot = off)",
  "alter subscription s refresh publication",
  "alter subscription s set publication y",
  "alter subscription s set publication y with (refresh = false)",
  "alter subscription s add publication y",
  "alter subscription s add publication y with (refresh = off)",
  "alter subscription s drop publication x",
  "alter subscription s set (synchronous_commit = on)",
  "alter subscription s disable",
  "alter subscription s rename to publication",
  "drop subscription s",
  "create publication y for table a",
  "checkpoint",
] as const;

/** As a superuser: rights are checked before or after, as each statement likes. */
beforeAll(async () => {
  const database = await server.createDatabase();
  client = new pg.Client(database.superuserUrl);
  await client.connect();
  await client.query(`create table a (n int); create index a_n on a (n); create table p (n int) partition by list (n);
    create table p1 partition of p for values in (1); create type e as enum ('a');
    create materialized view v as select 1 as n; create unique index on v (n)`);
  await client.query("create subscription s connection 'port=1' publication x, z with (connect = false)");
  await client.query("alter subscription s enable");
});

afterAll(() => client.end());

async function isRefused(sql: string): Promise<boolean> {
  await client.query("begin");
  try {
    await client.query(sql);
    return false;
  } catch (error) {
    return (error as pg.DatabaseError).code === "25001";
  } finally {
    await client.query("rollback");
  }
}

test("a statement is run outside a transaction exactly where this server refuses it inside one", async () => {
  const refused: string[] = [];
  for (const sql of statements) if (await isRefused(sql)) refused.push(sql);
  const dir = migrations(Object.fromEntries(statements.map((sql, index) => [`${index}_a.sql`, sql])));
  const { stdout } = await startCli(bundle, ["validate", "--json", "--dir", dir], {}).ended();
  const judged = (JSON.parse(stdout) as { migrations: { transactional: boolean }[] }).migrations;
  expect(statements.filter((_, index) => judged[index]?.transactional === false)).toEqual(refused);
  expect(refused).toContain("vacuum");
});

test("a partitioned table's REINDEX and CLUSTER name the directive, and run with it", async () => {
  const database = await server.createDatabase();
  await database.query(`create table p (n int) partition by list (n); create table p1 partition of p for values in (1);
    create index p_n on p (n)`);
  const up = (sql: string) =>
    startCli(bundle, ["up", "--allow-existing-tables", "--dir", migrations({ "1_a.sql": sql })], {
      DATABASE_URL: database.url,
    }).ended();
  const sql = "reindex table p;\ncluster p using p_n;";
  expect(await up(sql)).toMatchObject({
    exitCode: 4,
    last: { line: 1, reason: expect.stringContaining("-- gate: no-transaction") },
  });
  expect(await up(`-- gate: no-transaction\n${sql}`)).toMatchObject({ exitCode: 0, last: { applied: 1 } });
});
