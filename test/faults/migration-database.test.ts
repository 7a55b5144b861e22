import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { expect } from "vitest";
import type { Namespace } from "../../tools/environment/namespace.ts";
import { until } from "../../tools/environment/until.ts";
import { ownerSecret } from "../e2e/scenario/application.ts";
import { containerProcess } from "../e2e/scenario/container-process.ts";
import { isServing } from "../e2e/scenario/release-state.ts";
import { sets } from "./migrations.ts";
import { everyMigration, runningMigrations } from "./running-migration.ts";
import { type Stage, scenarios } from "./scenario.ts";

// Some of them take the server away from all others.
const scenario = await scenarios({ group: "The migration's database", name: "server", concurrent: false });
const { begin, completes } = runningMigrations();

scenario(
  {
    id: "postgresql-crashes",
    disturbance: "PostgreSQL is killed (`kill -9`) in the middle of DDL, and starts again with its crash recovery",
    others: { become: "it stays failed although the server has recovered", reports: ["ariga/atlas#3592"] },
    ours: "the same pod connects again and goes on, without using up an attempt",
  },
  async (stage) => {
    const pod = await begin(stage, "4", "--set", "migrations.job.backoffLimit=0");
    const { namespace } = stage.server;
    await stage.disturb("kill -9", async () =>
      (await containerProcess(namespace, await serverPod(stage), "postgres")).kill(),
    );
    await completes(stage);
    expect(await stage.release.namespace.kubectl("get", "pods", "--output", "name")).toContain(pod);
  },
);

const minutesAway = 2;

scenario(
  {
    id: "database-away",
    disturbance: `The database server is not there for ${minutesAway} minutes, and then comes up without the database, which is created later`,
    ours: "the migrator waits within its budget (`migrate.waitBudgetSeconds`, five minutes), in one attempt",
  },
  async (stage) => {
    const { release, server, upgrade, disturb } = stage;
    await disturb("there is no server", async () => {
      await server.namespace.kubectl("scale", "deployment/blog-db", "--replicas=0");
      await server.namespace.kubectl("wait", "--for=delete", `pod/${await serverPod(stage)}`, "--timeout=120s");
      await upgrade(everyMigration, "--set", "migrations.job.backoffLimit=0");
      await delay(minutesAway * 60_000);
      await server.namespace.kubectl("scale", "deployment/blog-db", "--replicas=1");
      // With the server all of its databases were gone.
      await server.createDatabase(release.database.name);
    });
    await completes(stage);
  },
);

scenario(
  {
    id: "wrong-password",
    disturbance: "The Secret holds a wrong password, and is corrected after an attempt has failed for it",
    ours: "the Job's next attempt reads the Secret again: nothing is to be done but to correct it",
  },
  async (stage) => {
    const { release, upgrade, disturb } = stage;
    const right = release.database.ownerSecret(ownerSecret);
    const { url } = right["stringData"] as { url: string };
    const wrong = Object.assign(new URL(url), { password: "wrong" }).href;
    await release.namespace.apply({ ...right, stringData: { url: wrong } });
    await upgrade(everyMigration, "--set", "migrations.migrate.waitBudgetSeconds=5");
    await until("an attempt has failed", () => failedAttempt(stage, "28P01"));
    await disturb("the Secret is corrected", () => release.namespace.apply(right));
    await completes(stage);
  },
);

const many = { ...sets.posts, "0002_many.sql": `create table many as ${numbers(230_000)};` };

scenario(
  {
    id: "disk-full",
    disturbance: "The database's disk is full in the middle of a migration, and somebody makes room",
    ours: "the transaction is rolled back, and the Job's next attempt does it again",
  },
  async (stage) => {
    const { release, server, upgrade, disturb, recovers } = stage;
    await addSmallDisk(server.namespace);
    const database = await server.createDatabase(release.database.name);
    await database.query("create tablespace small location '/var/lib/small/tablespace'");
    await database.query("grant create on tablespace small to blog_owner");
    await database.query(`alter database ${pg.escapeIdentifier(database.name)} set default_tablespace = small`);
    await database.query(`create schema other; create table other.ballast as ${numbers(350_000)}`);
    await upgrade(many);
    await until("an attempt has failed", () => failedAttempt(stage, "53100"));
    expect(await database.query("select to_regclass('many') as many")).toEqual([{ many: null }]);
    await disturb("somebody makes room", () => database.query("drop table other.ballast"));
    const { pods } = await recovers("the application serves", isServing);
    expect(pods.map(({ restarts }) => restarts)).toEqual([0]);
    expect(await database.query("select count(*)::int from many")).toEqual([{ count: 230_000 }]);
  },
);

/** A query for so many rows, which take 36 bytes each. */
function numbers(count: number): string {
  return `select generate_series(1, ${count}) as n`;
}

/** A file system of 16 MiB that the server may put tablespaces on. The server, which is another one then, forgets all. */
async function addSmallDisk(namespace: Namespace): Promise<void> {
  const volumes = [{ name: "small", emptyDir: { medium: "Memory", sizeLimit: "16Mi" } }];
  const containers = [{ name: "postgres", volumeMounts: [{ name: "small", mountPath: "/var/lib/small" }] }];
  const patch = { spec: { template: { spec: { volumes, containers } } } };
  await namespace.kubectl("patch", "deployment/blog-db", "--patch", JSON.stringify(patch));
  await namespace.kubectl("rollout", "status", "deployment/blog-db", "--timeout=180s");
  const makeFolder = 'require("node:fs").mkdirSync("/var/lib/small/tablespace")';
  await namespace.kubectl("exec", "deployment/blog-db", "--", "/usr/local/bin/node", "--eval", makeFolder);
}

/** True once a pod of the Job has failed, and said why. */
async function failedAttempt({ release: { namespace } }: Stage, sqlState: string): Promise<boolean> {
  const failed = ["--selector", "batch.kubernetes.io/job-name", "--field-selector", "status.phase=Failed"];
  const pod = await namespace.kubectl("get", "pods", ...failed, "--output", "jsonpath={.items[0].metadata.name}");
  return (await namespace.kubectl("logs", pod, "--container", "migrate")).includes(sqlState);
}

async function serverPod({ server }: Stage): Promise<string> {
  const selector = ["--selector", "app.kubernetes.io/name=blog-db", "--field-selector", "status.phase=Running"];
  return server.namespace.kubectl("get", "pods", ...selector, "--output", "jsonpath={.items[0].metadata.name}");
}
