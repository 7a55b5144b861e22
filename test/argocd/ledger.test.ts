import { afterAll, describe, expect, inject } from "vitest";
import { until } from "../../tools/environment/until.ts";
import { chapters } from "../e2e/chapters.ts";
import { documentedManifest } from "./environment/application.ts";
import { prepareBlogForArgoCd } from "./environment/blog.ts";
import { type LedgerEvents, ledgerEvents, reconciliations } from "./environment/refreshes.ts";

const log = inject("argoCdControllerLog");
const ledger = ["configmap", "blog-migrations-ledger"];

// Argo CD's other way to apply, server-side, so that both ways meet a ledger whose data no manifest names.
describe("the ledger under Argo CD", async () => {
  const blog = await prepareBlogForArgoCd("argocd-ledger", ["ServerSideApply=true"]);
  afterAll(() => blog[Symbol.asyncDispose]());
  const chapter = chapters(blog.explain);
  const events = () => ledgerEvents(log, blog.namespace.name);
  const read = () => blog.namespace.get<{ data: Record<string, string> }>(...ledger);
  const write = (probe: string | null) =>
    blog.namespace.kubectl("patch", ...ledger, "--type=merge", `--patch=${JSON.stringify({ data: { probe } })}`);
  /** Writes to the ledger as fast as `record` may at most, and waits until Argo CD has seen it all. */
  const writeSixTimes = async (seen: (events: LedgerEvents) => number) => {
    const before = seen(await events());
    for (const probe of ["1", "2", "3", "4", "5", null]) await write(probe);
    await until("Argo CD has seen every change", async () => seen(await events()) >= before + 6);
  };

  chapter("a run's writes make Argo CD compare the application a few times", async () => {
    await blog.release("v1", "Healthy");
    const [entry = ""] = Object.entries((await read()).data).flatMap(([key, value]) => (key === "status" ? [] : value));
    const { durationMs } = JSON.parse(entry);
    const { comparing } = await events();
    expect(comparing).toBeGreaterThan(0);
    // The phases of a run, six pieces of progress in a row, and then one every ten seconds.
    expect(comparing).toBeLessThan(14 + durationMs / 10_000);
  });

  chapter("comparing finds nothing to do: no sync, no difference, no run", async () => {
    const before = await blog.state();
    const operation = (await blog.application.status())?.operationState;
    const reconciled = await reconciliations(log, blog.application.name);
    await writeSixTimes(({ comparing }) => comparing);
    expect(await reconciliations(log, blog.application.name)).toBeLessThanOrEqual(reconciled + 6 + 2);
    await blog.application.compareAnew();
    expect(await blog.application.status()).toMatchObject({
      sync: { status: "Synced" },
      operationState: { startedAt: operation?.startedAt },
    });
    expect(await blog.state()).toEqual(before);
  });

  chapter("a sync of another change leaves the ledger as it is", async () => {
    const before = await read();
    await blog.release("v1", "Healthy", { replicaCount: 2 });
    expect((await read()).data).toEqual(before.data);
    expect(await blog.namespace.get("deployment", "blog")).toMatchObject({ spec: { replicas: 2 } });
  });

  chapter("with the documented setting Argo CD passes over its changes", async () => {
    const setting = JSON.stringify(await documentedManifest("ConfigMap"));
    await blog.argoCd.kubectl("patch", "configmap", "argocd-cm", "--type=merge", `--patch=${setting}`);
    // Argo CD takes new settings up when it next looks at the cluster.
    await until(
      "the setting is in force",
      async () => {
        await blog.application.compareAnew();
        await write(String(Date.now()));
        return (await events()).ignored > 0;
      },
      { intervalMs: 2000 },
    );
    const { comparing } = await events();
    await writeSixTimes(({ ignored }) => ignored);
    expect((await events()).comparing).toBe(comparing);
  });
});
