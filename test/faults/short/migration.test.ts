import { containerProcess } from "../../e2e/scenario/container-process.ts";
import { dirtyElsewhere, runningMigrations } from "../running-migration.ts";
import { scenarios } from "../scenario.ts";

const scenario = await scenarios({ group: "The migration's pod", name: "short-migration" });
const { begin, completes } = runningMigrations();

scenario(
  {
    id: "migrate-killed",
    disturbance: "The migrator is killed (`kill -9`) between two statements that cannot run in a transaction",
    others: dirtyElsewhere,
    ours: "the Job's next pod goes on where it ended",
  },
  async (stage) => {
    const pod = await begin(stage, "6 between");
    await stage.disturb("kill -9", async () =>
      (await containerProcess(stage.release.namespace, pod, "migrate")).kill(),
    );
    await completes(stage);
  },
);
