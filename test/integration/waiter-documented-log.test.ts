import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fencedBlocks, section } from "../../tools/documentation/markdown.ts";
import { startKubeApi } from "../support/kube-api.ts";
import { type LogLine, startWaiter } from "../support/kube-api-pod.ts";

/** What the pages show as captured, line by line, in docs/progress.md: played again, the waiter says the same. */
const blocks = fencedBlocks(section(await readFile("docs/progress.md", "utf8"), "In the pods that wait"));
const [sameRun = [], wholeLog = []] = blocks
  .filter(({ language }) => language === "json")
  .map(({ text }) => text.trimEnd().split("\n").map(shown));

const index = { command: "CREATE INDEX CONCURRENTLY" };
const applying = (current: number, migration: string, more: object = {}) => ({
  phase: "applying",
  progress: { current, total: 3, migration, ...more },
});
const building = (percent: number) =>
  applying(2, "0042_posts_slug_index", { operation: { ...index, phase: "building index: scanning table", percent } });
const psql = {
  pid: 24257,
  user: "owner",
  applicationName: "psql",
  state: "idle in transaction",
  transactionMs: 28_914,
};

test("the log beside the migrator's in docs/progress.md is what a waiter says of such a run", async () => {
  const said = await sayings(sameRun, [
    applying(1, "0041_categories"),
    building(33),
    building(65),
    {
      ...applying(3, "0043_posts_category"),
      lockWait: { lock: "relation", relation: "public.posts", waitedMs: 505, blockers: [psql] },
    },
  ]);
  expect(said.filter(({ progress, by }) => progress !== undefined || by !== undefined)).toEqual(sameRun);
});

test("the whole log of a pod in docs/progress.md is what a waiter says from its start to its end", async () => {
  const said = await sayings(wholeLog, [
    { phase: "connecting" },
    { phase: "waiting-for-lock" },
    applying(1, "0041_tags"),
    {
      ...applying(2, "0042_posts_slug_index", { operation: { ...index, phase: "waiting for old snapshots" } }),
      lockWait: { lock: "virtualxid", blockers: [{ pid: 138, applicationName: "nightly-report" }] },
    },
  ]);
  // The page leaves out of the first line what a reader can do without.
  expect(said).toEqual([{ ...said[0], ...wholeLog[0] }, ...wholeLog.slice(1)]);
});

/** Lets a waiter see one status of the ledger after the other, and then the entry; returns what it has said in all. */
async function sayings(documented: readonly LogLine[], statuses: readonly object[]): Promise<LogLine[]> {
  const job = String(documented.at(1)?.["job"]);
  const [, fullname, identity = ""] = /^(.*)-(.*)$/.exec(job) ?? [];
  // The ledgers of both captures; the first shows its Job alone.
  const ledger = `${fullname}-ledger`;
  await using api = await startKubeApi();
  const tell = (data: Record<string, string>) => api.store.put("configmaps", { metadata: { name: ledger }, data });
  api.store.put("jobs", { metadata: { name: job, uid: "uid-1" }, spec: {}, status: {} });
  tell({});
  await using pod = startWaiter(api, ["wait", "--job", job, "--ledger", ledger, "--identity", identity]);
  await pod.line("the Job is running");
  for (const status of statuses) {
    const { length } = pod.lines;
    tell({ status: JSON.stringify({ formatVersion: 1, identity, job, jobUid: "uid-1", ...status }) });
    await expect.poll(() => pod.lines.length, { timeout: 10_000, interval: 10 }).toBe(length + 1);
  }
  tell({ [identity]: "{}" });
  expect(await pod.ended).toMatchObject({ exitCode: 0 });
  return pod.lines.map((line) => shown(JSON.stringify(line)));
}

/** A line as the page shortens it, without what differs from run to run. */
function shown(line: string): LogLine {
  const unlike = ["level", "name", "version", "jobUid", "time", "durationMs"];
  return Object.fromEntries(Object.entries(JSON.parse(line)).filter(([name]) => !unlike.includes(name))) as LogLine;
}
