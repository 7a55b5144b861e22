import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { installPlugin } from "../e2e/plugin.ts";
import { isServing, refusedPod } from "../e2e/scenario/release-state.ts";
import { gateChart, temporaryDirectory } from "../support/helm-charts.ts";
import { everyMigration, runningMigrations } from "./running-migration.ts";
import { scenarios } from "./scenario.ts";

const scenario = await scenarios({ group: "The migration's release", name: "release" });
const { begin, completes, expectUndisturbed } = runningMigrations();
const plugin = await installPlugin();

const invoices = {
  "1_invoices.sql": "create table invoices (n int);",
  "2_first.sql": "insert into invoices values (1);",
};
const newer = { ...everyMigration, "8_newer.sql": "create table newer (n int);" };

scenario(
  {
    id: "upgraded-while-migrating",
    disturbance:
      "`helm upgrade` to a newer set of migrations while the older one still runs: Helm deletes the older Job",
    others: {
      become: "two migrations at once, or the deleted one leaves its lock or a half-applied change",
      reports: ["goharbor/harbor-helm#846"],
    },
    ours: "the older one stops, and the newer one goes on where it ended",
  },
  async (stage) => {
    await begin(stage, "5 alone");
    await stage.disturb("the release is upgraded", () => stage.upgrade(newer));
    const { applied } = await completes(stage, newer);
    // The older set never came to its end, so nothing may say that it did.
    expect(Object.keys(applied)).toHaveLength(1);
  },
);

scenario(
  {
    id: "two-releases-one-database",
    disturbance: "Two releases, each with a set of its own (`--set NAME`), migrate one database at the same time",
    ours: "neither waits for the other, and neither takes the other's migrations for its own",
  },
  async (stage) => {
    const { release, disturb, recovers } = stage;
    await begin(stage, "4", "--set", "migrations.migrate.extraArgs={--set=posts}");
    const [postsJob] = (await release.state()).jobs;
    await disturb("another release comes", async () => {
      const { migrations } = JSON.parse(await release.helm("get", "values", "shop", "--all", "--output", "json"));
      const migrate = { ...migrations.migrate, extraArgs: ["--set=invoices"] };
      const file = join(await temporaryDirectory(), "values.yaml");
      await writeFile(file, JSON.stringify({ ...migrations, migrate, files: { inline: invoices } }));
      await release.helm("install", "billing", gateChart, "--values", file);
    });
    const after = await recovers("the other one is applied", ({ applied }) => Object.keys(applied).length === 1);
    expect(after.jobs.find(({ uid }) => uid === postsJob?.uid)).toMatchObject({ state: "running" });
    expect(after.pods.map(({ state }) => state)).toEqual(["waiting"]);
    expect(await release.database.query("select n from invoices")).toEqual([{ n: 1 }]);
  },
);

scenario(
  {
    id: "deadline-then-retry",
    disturbance: "The migration is still running when the Job's `activeDeadlineSeconds` are over",
    ours: "the transaction is rolled back, the pods say that the deadline was exceeded; with a later one, `retry` goes on",
  },
  async (stage) => {
    const { release, disturb, recovers } = stage;
    await begin(stage, "4");
    const [job] = (await release.state()).jobs;
    const setDeadline = (seconds: number) =>
      release.namespace.kubectl(
        "patch",
        `job/${job?.name}`,
        "--patch",
        `{"spec": {"activeDeadlineSeconds": ${seconds}}}`,
      );
    // The chart would refuse a deadline that this test could wait for.
    await setDeadline(1);
    const refused = refusedPod(await release.reaches("the pod is not let in", (state) => !!refusedPod(state)));
    expect(refused?.refusal?.message).toMatch(/DeadlineExceeded/);
    await setDeadline(3600);
    await disturb("the Job is run again", () => plugin(release.namespace, "retry", "shop", "--yes"));
    await recovers("the application serves", isServing);
    await expectUndisturbed(stage);
  },
);
