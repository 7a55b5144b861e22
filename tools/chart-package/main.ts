// Packs the chart as it is published: `npm run package:chart -- [arguments of helm package, such as --destination or --sign]`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { clients } from "../environment/cluster.ts";
import { repositoryRoot } from "../images/catalogue.ts";
import { stageChart } from "./stage-chart.ts";

const directory = await mkdtemp(join(tmpdir(), "migration-gate-chart-"));
try {
  // A package's folder is named after its chart.
  const chart = join(directory, "migration-gate");
  await stageChart(repositoryRoot, chart);
  const { helm } = await clients();
  const { exitCode } = await execa(helm[4], ["package", chart, ...process.argv.slice(2)], {
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = exitCode ?? 1;
} finally {
  await rm(directory, { recursive: true });
}
