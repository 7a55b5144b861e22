import { expect } from "vitest";
import { arePodsServing, hasWaitingPod, isServing, type ReleaseState } from "../e2e/scenario/release-state.ts";
import { appliedMigrations, areApplied } from "./applied.ts";
import { endless, endMigration, sets } from "./migrations.ts";
import type { Stage } from "./scenario.ts";

/** Installs a release whose last migration does not end by itself, and returns its state once a pod waits for it. */
export async function beginsEndless({ release, upgrade }: Stage, ...flags: string[]): Promise<ReleaseState> {
  await upgrade(endless(sets.posts), ...flags);
  const state = await release.reaches("a pod waits", hasWaitingPod);
  await areApplied(release.database, 1);
  return state;
}

/** Lets that migration end, and waits until the database knows. */
export async function endsInDatabase({ release: { database } }: Stage): Promise<void> {
  await endMigration(database);
  await areApplied(database, 2);
}

/** Waits until the application serves in its one pod, and each migration, the slow one too, has been applied once. */
export async function servesAfterSlow({ release, recovers }: Stage, restarts = 0): Promise<ReleaseState> {
  await recovers("the application serves", arePodsServing);
  // The Job's own controller may need a minute more after an outage.
  const state = await release.reaches("the Job has ended", isServing);
  expect(state.pods.map((pod) => pod.restarts)).toEqual([restarts]);
  expect(await appliedMigrations(release.database)).toEqual(["0001_create_posts", "0009_slow"]);
  return state;
}
