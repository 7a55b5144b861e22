import { expect, test } from "vitest";
import { failedRequests, firstOf } from "./failed-requests.ts";

const timeline = {
  from: 1000,
  lanes: [
    {
      name: "blog-1",
      spans: [
        { state: "ready", from: 1000, to: 60_000 },
        { state: "terminating", from: 60_000, to: 65_000 },
      ],
    },
  ],
} as const;

test("a request that failed is told with what has just happened to pods", () => {
  const samples = [
    { at: 60_000, durationMs: 5 },
    { at: 61_000, durationMs: 12.4, failure: "ECONNRESET" },
    { at: 64_000, durationMs: 3, failure: "HTTP 500" },
  ];
  expect(failedRequests(samples, timeline)).toEqual([
    "+60.0 s: ECONNRESET after 12 ms; blog-1 is terminating",
    "+63.0 s: HTTP 500 after 3 ms; nothing has changed",
  ]);
});

test("of many lines the first are told, and how many more there are", () => {
  const lines = Array.from({ length: 1502 }, (_, index) => `line ${index}`);
  expect(firstOf(lines, 2)).toEqual(["line 0", "line 1", "… and 1,500 more"]);
  expect(firstOf(lines.slice(0, 2), 2)).toEqual(["line 0", "line 1"]);
});
