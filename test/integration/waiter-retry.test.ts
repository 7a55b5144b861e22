import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { useLaptop } from "../support/kube-api-laptop.ts";
import { releasedJob } from "../support/kube-api-release.ts";

const world = useLaptop();

const identity = "2222222222";
const name = `blog-${identity}`;
const failed = { type: "Failed", reason: "BackoffLimitExceeded" };
const failedJob = () => world.api.store.put("jobs", releasedJob({ identity, condition: failed }));
const retry = (...args: string[]) => world.laptop.run(["retry", ...args]);
const changes = () =>
  world.api.requests
    .filter(({ verb, query }) => !["get", "list"].includes(verb) && !query.has("dryRun"))
    .map(({ verb, query }) => [verb, query.get("fieldManager")].filter(Boolean).join(" as "));
const uid = () => world.api.store.get("jobs", name)?.metadata["uid"];

describe("a failed Job", () => {
  test("is deleted and created again in the name of its owner, found by its release", async () => {
    failedJob();
    const { exitCode, stdout } = await retry("blog", "--yes");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toEqual([
      `deleted Job ${name} (uid uid-1) with its pods`,
      `created Job ${name} anew`,
      "To follow it: kubectl migration-gate status -n blog --watch",
      "",
    ]);
    expect(changes()).toEqual(["delete", "patch as helm"]);
    const created = world.api.store.get("jobs", name);
    expect(created?.metadata).toMatchObject({
      uid: expect.stringMatching(/^created-/),
      labels: { "app.kubernetes.io/managed-by": "Helm" },
      annotations: { "meta.helm.sh/release-name": "blog" },
    });
    expect(created?.["status"]).toBeUndefined();
  });

  test("is found by its own name", async () => {
    failedJob();
    expect(await retry(name, "-y")).toMatchObject({ exitCode: 0 });
    expect(uid()).toMatch(/^created-/);
  });

  test("is not touched where nobody can be asked, nor by a dry run, which shows what would be created", async () => {
    failedJob();
    const asked = await retry("blog");
    expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("give --yes") });
    const { exitCode, stdout } = await retry("blog", "--dry-run");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "Job", metadata: { name, namespace: "blog" } });
    expect(changes()).toEqual([]);
  });

  test("is not deleted where it may not be created again", async () => {
    failedJob();
    world.api.denied.add("create jobs");
    const { exitCode, stderr } = await retry("blog", "--yes");
    expect(exitCode).toBe(13);
    expect(stderr).toContain("nothing was retried in namespace blog (status 403)");
    expect(changes()).toEqual([]);
  });

  test("that was replaced meanwhile is left alone", async () => {
    failedJob();
    world.api.fail({ kind: "status", status: 409 }, { verbs: ["delete"], times: 1 });
    const { exitCode, stderr } = await retry("blog", "--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Job ${name} was replaced or deleted meanwhile, nothing was done`);
    expect(uid()).toBe("uid-1");
  });

  test("that somebody else creates again first is theirs", async () => {
    failedJob();
    world.api.holdsDeletions = true;
    const running = retry("blog", "--yes");
    await eventually(
      "the Job is being deleted",
      async () => world.api.store.get("jobs", name)?.metadata["deletionTimestamp"],
    );
    world.api.store.delete("jobs", name);
    world.api.store.put("jobs", releasedJob({ identity, uid: "theirs" }));
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Job ${name} is there anew already, created by somebody else`);
    expect(uid()).toBe("theirs");
  });
});

describe("nothing is lost", () => {
  const manifest = () => JSON.parse(readFileSync(join(world.laptop.directory, `${name}.json`), "utf8"));

  test.each<[string, () => void, number, RegExp]>([
    [
      "when the creation is refused",
      () => world.api.fail({ kind: "status", status: 422 }, { verbs: ["patch"] }),
      14,
      /fault 422/,
    ],
    [
      "when the Job does not go away in time",
      () => {
        world.api.holdsDeletions = true;
      },
      11,
      /still not gone/,
    ],
    [
      "when no answer comes to the deletion",
      () => world.api.fail({ kind: "reset" }, { verbs: ["delete"] }),
      14,
      /hang up|RESET/,
    ],
  ])("%s", async (_what, prepare, code, why) => {
    failedJob();
    prepare();
    const { exitCode, stderr } = await retry("blog", "--yes", "--timeout", "500ms");
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(new RegExp(`to create it: kubectl create -f .*/${name}\\.json`));
    expect(manifest()).toMatchObject({ apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: "blog" } });
  });

  test("when it is interrupted", async () => {
    failedJob();
    world.api.holdsDeletions = true;
    const stop = new AbortController();
    const running = world.laptop.run(["retry", "blog", "--yes"], { signal: stop.signal });
    await eventually(
      "the Job is being deleted",
      async () => world.api.store.get("jobs", name)?.metadata["deletionTimestamp"],
    );
    stop.abort();
    expect(await running).toMatchObject({ exitCode: 130, stderr: expect.stringContaining("kubectl create -f") });
    expect(manifest().metadata.name).toBe(name);
  });

  test("when the first creation brings no answer: it is repeated", async () => {
    failedJob();
    world.api.fail({ kind: "reset" }, { verbs: ["patch"], times: 1 });
    expect(await retry("blog", "--yes")).toMatchObject({ exitCode: 0 });
    expect(existsSync(join(world.laptop.directory, `${name}.json`))).toBe(false);
  });
});

describe("a Job that has not failed", () => {
  test.each<[string, () => void, RegExp]>([
    [
      "is running",
      () => world.api.store.put("jobs", releasedJob({ identity })),
      /has not failed, it is running: kubectl logs/,
    ],
    [
      "is complete",
      () => world.api.store.put("jobs", releasedJob({ identity, condition: { type: "Complete" } })),
      /nothing to retry: .* set a new job\.rerunToken/,
    ],
    [
      "does not exist",
      () => {},
      /no migration Job or release blog in namespace blog: the release's helm upgrade creates/,
    ],
  ])("%s: it says what to do instead", async (_what, prepare, message) => {
    prepare();
    const { exitCode, stderr } = await retry("blog", "--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(changes()).toEqual([]);
  });
});
