import { expect } from "vitest";
import { until } from "../../tools/environment/until.ts";
import { hasWaitingPod, identityOf, isServing } from "../e2e/scenario/release-state.ts";
import { appliedMigrations, areApplied } from "./applied.ts";
import { endless, endMigration, sets } from "./migrations.ts";
import { scenarios } from "./scenario.ts";

const scenario = await scenarios({ group: "The rollout", name: "rollout" });

scenario(
  {
    id: "rollback-running",
    disturbance: "`helm rollback` in the middle of a running migration",
    others: {
      become: "the rolled-back version's Job fails on the newer database, or its pods wait for a Job that is gone",
      reports: ["airflow-helm/charts#461", "apache/airflow#68074"],
    },
    ours: "the migration is cancelled and leaves nothing behind, the old version serves on, and rolling forward again applies the rest",
  },
  async ({ release, serves, upgrade, disturb, recovers }) => {
    const before = await serves(sets.posts);
    await upgrade(endless(sets.tags));
    await areApplied(release.database, 2);
    await release.reaches("the new pod waits", hasWaitingPod);
    await disturb("the release is rolled back", () => release.helm("rollback", "shop", "1"));
    const after = await recovers("only the old version is left", isServing);
    expect(identityOf(after)).toBe(identityOf(before));
    expect(after.pods.map(({ uid }) => uid)).toEqual(before.pods.map(({ uid }) => uid));
    await until("the migration is cancelled", async () => {
      const sessions = await release.database.query(
        "select from pg_stat_activity where datname = current_database() and query like '%may_end%' and pid <> pg_backend_pid()",
      );
      return sessions.length === 0;
    });
    expect(await appliedMigrations(release.database)).toEqual(["0001_create_posts", "0002_create_tags"]);
    await endMigration(release.database);
    await serves(endless(sets.tags));
    expect(await release.database.query("select to_regclass('slow')::text as slow")).toEqual([{ slow: "slow" }]);
  },
);
