import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { StatusReport } from "../../packages/waiter/src/status/read-status.ts";
import { openLaptop, useLaptop } from "../support/kube-api-laptop.ts";
import { releasedJob, releasedLedger, waitingPodOf } from "../support/kube-api-release.ts";

const world = useLaptop();

const v1 = "1111111111";
const v2 = "2222222222";
const failed = { type: "Failed", reason: "PodFailurePolicy", message: "Container migrate failed with exit code 4" };
const failure = {
  exitCode: 4,
  message: "contains null values",
  file: "0019.sql",
  line: 2,
  column: 1,
  sqlState: "23502",
};

async function report(...args: string[]): Promise<StatusReport> {
  const { stdout, stderr, exitCode } = await world.laptop.run(["status", ...args, "--json"]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return JSON.parse(stdout);
}

function failedRelease(): void {
  const status = { identity: v2, job: `blog-${v2}`, jobUid: "uid-1", phase: "failed", failure };
  world.api.store.put("jobs", releasedJob({ identity: v2, condition: failed }));
  world.api.store.put(
    "configmaps",
    releasedLedger({ [v1]: "{}", status: JSON.stringify({ formatVersion: 1, ...status }) }),
  );
  world.api.store.put("pods", waitingPodOf(v2));
}

describe("the table", () => {
  test("says why a gate is closed, who waits at it, and how to run it again", async () => {
    failedRelease();
    const { stdout, exitCode } = await world.laptop.run(["status"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^GATE +IDENTITY +LEDGER +JOB +PODS WAITING +DETAIL$/m);
    expect(stdout).toMatch(
      /^blog +2222222222 +not applied +failed \d+d? ?\w* +1 for \w+ +0019\.sql:2:1: SQLSTATE 23502: contains null values$/m,
    );
    expect(stdout).toContain("kubectl migration-gate retry blog-2222222222 -n blog");
  });

  test("says which right is missing, and shows the rest", async () => {
    failedRelease();
    world.api.denied.add("list pods").add("list configmaps");
    const { stdout, exitCode } = await world.laptop.run(["status"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^blog +2222222222 +unknown +failed .* unknown +PodFailurePolicy: Container migrate/m);
    expect(stdout).toContain('needed in namespace blog: { apiGroups: [""], resources: ["pods"], verbs: ["list"] }');
    expect(stdout).toContain('resources: ["configmaps"], verbs: ["list"] }');
  });

  test("of a namespace without gates says so", async () => {
    expect((await world.laptop.run(["status"])).stdout).toBe("no gate in namespace blog\n");
    expect((await world.laptop.run(["status", "shop"])).stdout).toBe("no gate of release shop in namespace blog\n");
  });
});

describe("a gate", () => {
  test("is no ConfigMap but a ledger, though that of the SQL files has the same labels", async () => {
    failedRelease();
    const metadata = { ...releasedLedger().metadata, name: "blog-files-0123456789" };
    world.api.store.put("configmaps", { metadata, data: { "0001_posts.sql": "create table posts ();" } });
    expect((await report()).gates.map(({ ledger }) => ledger.name)).toEqual(["blog-ledger"]);
  });

  test("whose Job is gone is known from its ledger, with what was applied last", async () => {
    const entry = (succeededAt: string, appliedTo: string) => JSON.stringify({ succeededAt, appliedTo });
    const data = { [v1]: entry("2026-11-20T12:00:00Z", "0012_a"), [v2]: entry("2026-11-21T12:00:00Z", "0018_b") };
    world.api.store.put("configmaps", releasedLedger(data));
    expect((await report()).gates).toMatchObject([
      {
        identity: v2,
        isOpen: true,
        ledger: { state: "applied", since: "2026-11-21T12:00:00Z", appliedTo: "0018_b" },
        job: { state: "absent" },
        waiting: [],
        detail: "applied up to 0018_b",
      },
    ]);
  });

  test("of a newer release stands beside the older one that pods still wait for; what is over is left out", async () => {
    const complete = { type: "Complete" };
    world.api.store.put("jobs", releasedJob({ identity: v1, uid: "uid-1", condition: complete }));
    world.api.store.put("jobs", releasedJob({ identity: v2, uid: "uid-2", createdAt: "2026-11-22T13:00:00Z" }));
    expect((await report()).gates.map(({ identity }) => identity)).toEqual([v2]);
    world.api.store.put("pods", waitingPodOf("3333333333", { waiting: { reason: "CrashLoopBackOff" } }));
    expect((await report("blog")).gates).toMatchObject([
      { identity: "3333333333", job: { state: "absent" }, waiting: [{ name: "blog-7f6c" }] },
      { identity: v2, job: { state: "running" }, waiting: [] },
    ]);
  });

  test("has no pod waiting that was let in, and none of another program", async () => {
    failedRelease();
    world.api.store.put("pods", waitingPodOf(v2, { terminated: { exitCode: 0 } }));
    world.api.store.put("pods", {
      ...waitingPodOf(v2, {}, "other"),
      spec: { initContainers: [{ args: ["wait", "--for=x"] }] },
    });
    expect((await report()).gates[0]?.waiting).toEqual([]);
  });

  test("is found among more pods than one page holds", async () => {
    failedRelease();
    for (let pod = 0; pod < 600; pod += 1)
      world.api.store.put("pods", waitingPodOf(v2, { running: {} }, `blog-${pod}`));
    expect((await report()).gates[0]?.waiting).toHaveLength(601);
    expect(world.api.requests.filter(({ resource }) => resource === "pods")).toHaveLength(3);
  });

  test("of another release is not shown for one", async () => {
    failedRelease();
    world.api.store.put("jobs", releasedJob({ identity: v1, release: "shop" }));
    expect((await report("shop")).gates.map(({ gate }) => gate)).toEqual(["shop"]);
    expect((await report()).gates.map(({ gate }) => gate)).toEqual(["blog", "shop"]);
  });
});

test("--watch --json prints a document a line, one for each change, until Ctrl-C", async () => {
  world.api.store.put("jobs", releasedJob({ identity: v2 }));
  const stop = new AbortController();
  const watching = world.laptop.run(["status", "--watch", "--json"], { signal: stop.signal });
  const lists = () => world.api.requests.filter(({ resource }) => resource === "jobs").length;
  await expect.poll(lists, { timeout: 10_000 }).toBe(2);
  world.api.store.put("configmaps", releasedLedger({ [v2]: "{}" }));
  const seen = lists();
  await expect.poll(lists, { timeout: 10_000 }).toBeGreaterThan(seen + 1);
  stop.abort();
  const { stdout, exitCode } = await watching;
  const documents = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as StatusReport);
  expect(documents.map(({ gates }) => gates[0]?.isOpen)).toEqual([false, true]);
  expect(exitCode).toBe(0);
});

describe("the kubeconfig", () => {
  test("may get its token of a plugin, and give the namespace way to a flag", async () => {
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "first-token" },
    };
    const exec = {
      apiVersion: credential.apiVersion,
      command: "echo",
      args: [JSON.stringify(credential)],
      interactiveMode: "Never",
    };
    using other = openLaptop({ ...world.api, namespace: "elsewhere" }, { exec });
    const { stdout } = await other.run(["status", "-n", "blog"]);
    expect(stdout).toBe("no gate in namespace blog\n");
  });

  test.each<[string, object, number, RegExp]>([
    ["is refused", { token: "wrong" }, 13, /cannot be read \(status 401\): Unauthorized/],
    ["gets no token", { exec: { command: "false", args: [] } }, 13, /the kubeconfig gives no credentials/],
  ])("whose user %s", async (_what, user, code, message) => {
    using other = openLaptop(world.api, user);
    const { exitCode, stderr, stdout } = await other.run(["status"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test.each<[string, string[], RegExp]>([
    ["is not there", ["--kubeconfig", "/nowhere"], /no kubeconfig: \/nowhere does not exist/],
    ["has no such context", ["--context", "prod"], /has no context "prod": give --context, one of: blog/],
  ])("that %s is a mistake that says what to do", async (_what, flags, message) => {
    const { exitCode, stderr } = await world.laptop.run(["status", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("merges files as kubectl does: the first of a name counts, and missing ones are passed over", async () => {
    const second = join(world.laptop.directory, "second");
    writeFileSync(
      second,
      JSON.stringify({
        "current-context": "other",
        clusters: [{ name: "fake", cluster: { server: "https://nowhere" } }],
      }),
    );
    const env = { KUBECONFIG: ["/nowhere", world.laptop.kubeconfig, second].join(":") };
    expect((await world.laptop.run(["status"], { env })).stdout).toBe("no gate in namespace blog\n");
  });

  test("of a server that does not answer is 14", async () => {
    using other = openLaptop({ ...world.api, port: 1 });
    const { exitCode, stderr } = await other.run(["status"]);
    expect(exitCode).toBe(14);
    expect(stderr).toContain("ECONNREFUSED");
  });
});
