import { describe, expect, test } from "vitest";
import { accessRow } from "./access-row.ts";
import { clockRow } from "./server-rows.ts";
import { tokenRow } from "./token-row.ts";

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

describe("a token", () => {
  test.each<[string, string, string, RegExp]>([
    [
      "of a projected volume",
      token({ sub: "system:serviceaccount:blog:web", aud: ["api"], exp: nowMs / 1000 + 3600 }),
      "ok",
      /^projected, of system:serviceaccount:blog:web, for api, expires in 60m$/,
    ],
    ["of a Secret", token({ sub: "system:serviceaccount:blog:web" }), "warn", /for any audience, without an expiry/],
    ["that has expired", token({ sub: "x", exp: nowMs / 1000 - 90 }), "fail", /expired 90s ago/],
    ["that is no JWT", "opaque", "warn", /not a JSON Web Token/],
    ["with claims that are forged", token({ sub: 7, aud: [{}], exp: "soon" }), "warn", /of an unknown subject/],
  ])("%s", (_what, text, result, detail) => {
    expect(tokenRow(text, nowMs)).toEqual({ name: "token", result, detail: expect.stringMatching(detail) });
  });
});

describe("the clock", () => {
  const row = (sentAtMs: number, date: string | undefined = new Date(nowMs).toUTCString()) =>
    clockRow({ answer: {}, date, sentAtMs, tookMs: 20 });

  test.each<[string, number, string, RegExp]>([
    ["that agrees", nowMs + 400, "ok", /^as the API server's, within 1 s$/],
    ["that is harmlessly off", nowMs - 3_500, "ok", /within 5 s/],
    ["that is late", nowMs - 60_000, "warn", /^1 min 00 s behind the API server's/],
    ["that is early", nowMs + 60_000, "warn", /^59\.5 s ahead of the API server's/],
  ])("%s", (_what, sentAtMs, result, detail) => {
    expect(row(sentAtMs)).toEqual({ name: "clock", result, detail: expect.stringMatching(detail) });
  });

  test("of which the server says nothing", () => {
    expect(clockRow({ answer: {}, date: undefined, sentAtMs: nowMs, tookMs: 20 }).result).toBe("warn");
  });
});

describe("the access of a waiter", () => {
  const jobs = { namespace: "blog", resource: "jobs", name: "blog-0a1b2c3d4e" } as const;
  const result = (grants: Record<string, boolean | undefined>) =>
    accessRow("wait", jobs, new Map(Object.entries(grants)), "blog/web").result;

  test.each<[string, Record<string, boolean | undefined>, string]>([
    ["everything", { get: true, list: true, watch: true }, "ok"],
    ["get alone is polled with", { get: true, list: false, watch: false }, "warn"],
    ["list alone is polled with", { get: false, list: true, watch: false }, "warn"],
    ["watch alone reads nothing", { get: false, list: false, watch: true }, "fail"],
    ["nothing", { get: false, list: false, watch: false }, "fail"],
    ["no opinion", {}, "warn"],
  ])("%s", (_what, grants, expected) => {
    expect(result(grants)).toBe(expected);
  });

  test("that is missing is named for the service account and its namespace", () => {
    const grants = new Map([["get", false]] as const);
    expect(accessRow("wait", jobs, grants, "blog/web").detail).toContain(
      "the service account blog/web needs a RoleBinding in namespace blog to a Role with the rule",
    );
  });
});
