import { describe, expect, test } from "vitest";
import type { ApiObject } from "../api/named-object.ts";
import { chooseJob } from "./choose-job.ts";

const failed = [{ type: "Failed", status: "True" }];
const complete = [{ type: "Complete", status: "True" }];

function job(name: string, hour: number, conditions: object[] = [], more: object = {}): ApiObject {
  const creationTimestamp = new Date(Date.UTC(2026, 10, 22, hour)).toISOString();
  return { metadata: { name, uid: name, creationTimestamp, ...more }, spec: {}, status: { conditions } } as ApiObject;
}

const target = { namespace: "blog", target: "blog", gate: undefined, identity: undefined };
const choose = (jobs: readonly ApiObject[], more: object = {}) =>
  chooseJob({ ...target, ...more }, undefined, jobs).metadata.name;

const a1 = job("blog-a-1111111111", 1, failed);
const a2 = job("blog-a-2222222222", 2, failed);
const b2 = job("blog-b-2222222222", 2, failed);

describe("of a release", () => {
  test("the failed one is chosen, whatever its other gates are at", () => {
    expect(choose([a2, job("blog-b-3333333333", 2, complete), job("blog-c-4444444444", 2)])).toBe("blog-a-2222222222");
  });

  test("several failed ones are named, each with its command", () => {
    expect(() => choose([a2, b2])).toThrow(
      /choose one: kubectl migration-gate retry blog-a-2222222222 -n blog; kubectl migration-gate retry blog-b-2222222222/,
    );
  });

  test("one of several is chosen by its gate or its identity", () => {
    expect(choose([a2, b2], { gate: "blog-b" })).toBe("blog-b-2222222222");
    expect(choose([a1, b2], { identity: "1111111111" })).toBe("blog-a-1111111111");
  });

  test("a failed one that Helm forgot, superseded by a newer one, is chosen by its identity alone", () => {
    expect(choose([a2, a1])).toBe("blog-a-2222222222");
    expect(choose([a2, a1], { identity: "1111111111" })).toBe("blog-a-1111111111");
  });

  test.each([["complete"], ["failed"]])("a %s Job that a newer one has superseded is not spoken of", (state) => {
    const old = job("blog-a-0000000000", 0, state === "failed" ? failed : complete);
    expect(() => choose([old, job("blog-a-2222222222", 2)])).toThrow(
      /^Job blog-a-2222222222 has not failed, it is running/,
    );
  });
});

test.each<[string, ApiObject, RegExp]>([
  ["is being deleted", job("blog-a-1111111111", 1, failed, { deletionTimestamp: "now" }), /is being deleted already/],
  [
    "is suspended",
    { ...job("x", 1), spec: { suspend: true } } as ApiObject,
    /kubectl patch job x -n blog .*"suspend":false/,
  ],
])("a Job that %s is refused, whoever names it", (_what, named, message) => {
  expect(() => chooseJob(target, named, [])).toThrow(message);
});
