import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startKubeApi } from "../support/kube-api.ts";
import { job, jobName, ledger, ledgerName, recordArguments, waitArguments } from "../support/kube-api-blog.ts";
import { startWaiter } from "../support/kube-api-pod.ts";
import { migrations, temporaryDirectory } from "../support/migrations.ts";
import { usePostgres } from "../support/postgres.ts";
import { buildBundle, startCli } from "../support/run-cli.ts";

const server = usePostgres();
const bundle = buildBundle("migrator");

/** A make-believe API server with the release's Job and ledger, a pod that waits for them, and the Job's two containers. */
async function startRelease(databaseUrl: string, dir: string) {
  const api = await startKubeApi();
  api.store.put("configmaps", ledger());
  api.store.put("jobs", job("uid-1"));
  const report = temporaryDirectory("report");
  const pod = startWaiter(api, waitArguments);
  const record = startWaiter(api, [...recordArguments, "--report", report], {
    env: { WAITER_JOB: jobName, WAITER_JOB_UID: "uid-1" },
  });
  onTestFinished(async () => {
    await pod[Symbol.asyncDispose]();
    await record[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });
  const args = ["--allow-existing-tables", "--dir", dir, "--report", report, "--lock-timeout", "1m"];
  const migrate = startCli(bundle, args, { DATABASE_URL: databaseUrl });
  const status = () => (api.store.get("configmaps", ledgerName) as { data?: { status?: string } }).data?.status ?? "";
  const patches = () => api.requests.filter(({ verb }) => verb === "patch").length;
  return { pod, migrate, status, patches };
}

test("a waiting pod's log tells within 15 seconds what is applied and who blocks it, and opens at the end", async () => {
  const database = await server.createDatabase();
  await database.query("create table posts (n int)");
  const reader = await database.connect();
  await reader.query("set application_name = 'psql'; begin; select 'row data' from posts");
  const dir = migrations({
    "0001_users.sql": "create table users ();",
    "0002_posts.sql": "alter table posts add m int;",
  });
  const { pod, migrate, status, patches } = await startRelease(database.url, dir);
  const told = await eventually(
    "the waiting pod names the blocker",
    async () => pod.lines.find(({ progress }) => String(progress).includes("held by")),
    15_000,
  );
  expect(told).toMatchObject({
    msg: "the migration is being applied",
    migration: "0002_posts",
    progress: expect.stringMatching(
      /^applying 2 of 2: 0002_posts, waiting for a lock on public\.posts held by pid \d+ \(psql, idle in transaction, \d+ s\)$/,
    ),
  });
  expect(status()).not.toContain("row data");
  expect(patches()).toBeLessThanOrEqual(5);
  await reader.query("commit");
  expect(await migrate.ended()).toMatchObject({ exitCode: 0 });
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
  expect(pod.lines).toContainEqual(expect.objectContaining({ msg: "the gate is open", by: "ledger" }));
});
