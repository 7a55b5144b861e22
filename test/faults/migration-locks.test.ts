import pg from "pg";
import { expect } from "vitest";
import { until } from "../../tools/environment/until.ts";
import { installPlugin } from "../e2e/plugin.ts";
import { containerProcess } from "../e2e/scenario/container-process.ts";
import type { Database } from "../e2e/scenario/database-server.ts";
import { isServing, refusedPod } from "../e2e/scenario/release-state.ts";
import { sets } from "./migrations.ts";
import { migrationPod } from "./running-migration.ts";
import { scenarios } from "./scenario.ts";
import { waiterSays } from "./waiter-log.ts";

const scenario = await scenarios({ group: "What is in the migration's way", name: "locks" });
const plugin = await installPlugin();

const author = { ...sets.posts, "0002_author.sql": "alter table posts add column author text;" };
const titles = { ...sets.posts, "0002_titles.sql": "create index concurrently posts_title on posts (title);" };

scenario(
  {
    id: "blocked-then-unblocked",
    disturbance: "A long transaction of somebody else holds the table that a migration alters, and ends",
    others: {
      become: "the migration waits in the lock's queue, and everybody else behind it: an outage",
      reports: ["un-fao/GeoID#1233", "taskcluster/taskcluster#3632"],
    },
    ours: "the migration tries for two seconds at a time and lets readers pass; the waiting pods name the blocker, and go on when it ends",
  },
  async ({ release, upgrade, serves, disturb, recovers }) => {
    await serves(sets.posts);
    await using blocker = await openTransaction(release.database, "lock table posts in access share mode");
    await upgrade(author);
    await waiterSays(release.namespace, new RegExp(`pid ${blocker.pid}\\b`));
    // It would wait for as long as the migration stood in the queue, which is two seconds at a time.
    await release.database.query("select from posts");
    await disturb("the blocker ends", () => blocker.end());
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await columns(release.database, "posts")).toEqual(["title", "author"]);
  },
);

scenario(
  {
    id: "blocked-for-too-long",
    disturbance: "The same transaction stays for longer than the wait budget and all of the Job's attempts",
    others: { become: "the migration hangs without an end, and the Job with it", reports: ["BerriAI/litellm#36975"] },
    ours: "the Job fails and names the blocker, the old pods serve on; when the blocker is gone, `retry` goes on",
  },
  async ({ release, upgrade, serves, disturb, recovers }) => {
    const before = await serves(sets.posts);
    await using blocker = await openTransaction(release.database, "lock table posts in access share mode");
    await upgrade(author, "--set", "migrations.migrate.waitBudgetSeconds=5,migrations.job.backoffLimit=0");
    const stuck = await release.reaches("the new pod is not let in", (state) => !!refusedPod(state));
    expect(refusedPod(stuck)?.refusal?.message).toContain(`by process ${blocker.pid}`);
    expect(stuck.pods).toContainEqual(expect.objectContaining({ uid: before.pods[0]?.uid, state: "ready" }));
    expect(await columns(release.database, "posts")).toEqual(["title"]);
    await disturb("the blocker ends, and the Job is run again", async () => {
      await blocker.end();
      await plugin(release.namespace, "retry", "shop", "--yes");
    });
    await recovers("the application serves", isServing);
    expect(await columns(release.database, "posts")).toEqual(["title", "author"]);
  },
);

scenario(
  {
    id: "invalid-index",
    disturbance: "The migrator is killed in the middle of CREATE INDEX CONCURRENTLY, which leaves an INVALID index",
    others: {
      become: "`IF NOT EXISTS` takes the INVALID index for done, or the name is taken for ever",
      reports: ["golang-migrate/migrate#960", "chatwoot/chatwoot#15885"],
    },
    ours: "the next attempt drops the INVALID index and builds it again",
  },
  async ({ release, upgrade, serves, disturb, recovers }) => {
    const { database, namespace } = release;
    await serves(sets.posts);
    // The build waits for every older transaction that has written to the table.
    await using writer = await openTransaction(database, "update posts set title = title");
    await upgrade(titles);
    await until("the index is begun", async () => (await indexes(database)).length === 1);
    await disturb("kill -9, and the older transaction ends", async () => {
      (await containerProcess(namespace, await migrationPod(namespace), "migrate")).kill();
      await until("the server has noticed", async () => !(await isBuilding(database)));
      expect(await indexes(database)).toEqual([{ name: "posts_title", valid: false }]);
      await writer.end();
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await indexes(database)).toEqual([{ name: "posts_title", valid: true }]);
  },
);

scenario(
  {
    id: "timeouts-of-the-role",
    disturbance: "The role's settings cut long statements and idle transactions (`statement_timeout`, …)",
    ours: "the migrator sets them aside for its own sessions",
  },
  async ({ release, upgrade, disturb, recovers }) => {
    const { database } = release;
    await disturb("the owner gets short timeouts", async () => {
      for (const setting of ["statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout"]) {
        await database.query(
          `alter role blog_owner in database ${pg.escapeIdentifier(database.name)} set ${setting} = '500ms'`,
        );
      }
      await upgrade({ ...sets.posts, "0002_long.sql": "select pg_sleep(2); create table long ();" });
    });
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await columns(database, "long")).toEqual([]);
  },
);

interface OpenTransaction extends AsyncDisposable {
  readonly pid: number;
  readonly end: () => Promise<void>;
}

/** A session of somebody else that has begun a transaction, and does not end it. */
async function openTransaction(database: Database, statement: string): Promise<OpenTransaction> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  await client.query(`begin; ${statement}`);
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const end = () => client.end();
  return { pid: rows[0]?.pid ?? 0, end, [Symbol.asyncDispose]: end };
}

async function columns(database: Database, table: string): Promise<unknown[]> {
  const rows = await database.query(
    `select attname as name from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 order by attnum`,
  );
  return rows.map(({ name }) => name);
}

function indexes(database: Database) {
  return database.query(
    "select indexrelid::regclass::text as name, indisvalid as valid from pg_index where indrelid = 'posts'::regclass",
  );
}

async function isBuilding(database: Database): Promise<boolean> {
  return (await database.query("select from pg_stat_progress_create_index")).length > 0;
}
