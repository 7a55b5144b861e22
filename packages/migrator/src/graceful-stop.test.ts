import { InterruptedError } from "@migration-gate/cli-runtime/expected-error";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import { expect, test, vi } from "vitest";
import { GracefulStop } from "./graceful-stop.ts";

function stopWith(graceMs = 60_000) {
  const [first, second] = [new AbortController(), new AbortController()];
  const log = { warn: vi.fn() };
  const requests = { requested: first.signal, insisted: second.signal };
  const stop = new GracefulStop(requests, graceMs, log as unknown as Logger);
  return {
    stop,
    request: () => first.abort(new InterruptedError("SIGINT")),
    insist: () => second.abort(new InterruptedError("SIGINT")),
    reason: () => (stop.signal.aborted ? (stop.signal.reason as Error).message : undefined),
  };
}

test("work is cancelled at once", () => {
  const { request, reason } = stopWith();
  expect(reason()).toBeUndefined();
  request();
  expect(reason()).toBe("interrupted by SIGINT");
});

test("what may finish does, and what follows is cancelled", async () => {
  const { stop, request, reason } = stopWith();
  const answer = await stop.finish(async () => {
    request();
    expect(reason()).toBeUndefined();
    return "finished";
  });
  expect(answer).toBe("finished");
  expect(reason()).toBe("interrupted by SIGINT: finished the running statement");
  await expect(stop.finish(async () => 1)).rejects.toThrow("interrupted by SIGINT");
});

test("a second request does not wait", async () => {
  const { stop, request, insist, reason } = stopWith();
  await stop.finish(async () => {
    request();
    insist();
    expect(reason()).toBe("interrupted by SIGINT: cancelled the running statement");
  });
});

test("the grace period has an end", async () => {
  const { stop, request, reason } = stopWith(1);
  await stop.finish(async () => {
    request();
    await vi.waitFor(() => expect(reason()).toContain("at the end of the grace period"));
  });
});
