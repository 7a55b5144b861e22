import { expect, test } from "vitest";
import { harmless, hostileText } from "../support/hostile-text.ts";
import { useLaptop } from "../support/kube-api-laptop.ts";
import { startWaiter } from "../support/kube-api-pod.ts";
import { releasedJob, releasedLedger } from "../support/kube-api-release.ts";

const world = useLaptop();

const identity = "2222222222";
const failed = { type: "Failed", reason: "PodFailurePolicy", message: hostileText };
const progress = {
  current: 1,
  total: 1,
  migration: hostileText,
  file: hostileText,
  operation: { command: hostileText },
};
const lockWait = { lock: hostileText, relation: hostileText, blockers: [{ pid: 1, applicationName: hostileText }] };
const failure = { exitCode: 4, message: hostileText, file: hostileText, line: 1, column: 1, sqlState: hostileText };
const gate = ["--job", `blog-${identity}`, "--ledger", "blog-ledger", "--identity", identity];

/** The ledger as somebody who may edit ConfigMaps can leave it. */
function hostileLedger(status: object, entries: Readonly<Record<string, string>> = {}): void {
  const fields = { formatVersion: 1, identity, job: `blog-${identity}`, jobUid: "uid-1", ...status };
  world.api.store.put("configmaps", releasedLedger({ ...entries, status: JSON.stringify(fields) }));
}

test("a waiting pod shows a hostile ledger's progress and failure as plain text, in its log and its last message", async () => {
  hostileLedger({ phase: "applying", progress, lockWait });
  world.api.store.put("jobs", releasedJob({ identity }));
  await using pod = startWaiter(world.api, ["wait", ...gate]);
  await pod.line("the migration is being applied");
  hostileLedger({ phase: "failed", failure });
  world.api.store.put("jobs", releasedJob({ identity, condition: failed }));
  expect(await pod.ended).toMatchObject({ exitCode: 10 });
  expect(pod.output).toMatch(harmless);
  expect(pod.terminationMessage).toMatch(harmless);
  expect(pod.lines.map(({ msg }) => msg)).not.toContain("every gate is open");
  expect(pod.terminationMessage).not.toMatch(/^\{/m);
});

test.each([[[]], [["--json"]]])("`waiter status` shows a hostile ledger as plain text, with %j", async (flags) => {
  const entry = JSON.stringify({ succeededAt: hostileText, appliedTo: hostileText, image: hostileText });
  hostileLedger({ phase: "failed", failure }, { "1111111111": entry });
  world.api.store.put("jobs", releasedJob({ identity, condition: failed }));
  world.api.store.put("jobs", releasedJob({ identity: "1111111111" }));
  const { stdout, stderr, exitCode } = await world.laptop.run(["status", ...flags]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(harmless);
  expect(stdout).not.toMatch(/^\{"level"/m);
});

test("an entry is nothing but a key: a hostile value opens this gate and no other", async () => {
  const other = "3333333333";
  hostileLedger({ phase: "applying" }, { [identity]: JSON.stringify({ identity: other, job: hostileText }) });
  const open = ["wait", ...gate];
  await using opened = startWaiter(world.api, open);
  expect(await opened.ended).toMatchObject({ exitCode: 0 });
  await using closed = startWaiter(world.api, [...open.slice(0, -1), other, "--timeout", "1s"]);
  expect((await closed.ended).exitCode).toBe(12);
});
