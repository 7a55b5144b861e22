import fc from "fast-check";
import { expect, vi } from "vitest";
import { ApiError } from "../../packages/waiter/src/api/api-error.ts";
import { readStatus } from "../../packages/waiter/src/status/read-status.ts";
import { statusTable } from "../../packages/waiter/src/status/status-table.ts";
import { hostileText } from "../support/hostile-text.ts";
import { releasedJob, releasedLedger, waitingPodOf } from "../support/kube-api-release.ts";
import { mutatedJson } from "../support/mutated-json.ts";
import { scriptedApi } from "../support/scripted-api.ts";
import { apiAnswers } from "./counterexamples.ts";
import { fuzz } from "./fuzz.ts";

vi.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

const identity = "2222222222";
const condition = { type: "Failed", reason: "BackoffLimitExceeded", message: "no" };
const lists = {
  jobs: [releasedJob({ identity, condition }), releasedJob({ identity: "1111111111" })],
  configmaps: [releasedLedger({ "1111111111": "{}", status: "{}" })],
  pods: [waitingPodOf(identity), waitingPodOf(identity, { terminated: { exitCode: 10 } })],
};

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(null, hostileText, [null], { a: null }),
);
const answerOf = (items: readonly object[]) =>
  fc.oneof(anything, mutatedJson({ metadata: { resourceVersion: "1" }, items }, anything));

fuzz(
  "the gates of a namespace are shown, or the answer is called unusable",
  fc.record({ jobs: answerOf(lists.jobs), configmaps: answerOf(lists.configmaps), pods: answerOf(lists.pods) }),
  async (answers) => {
    const api = scriptedApi(
      ({ path }) => answers[path.split("/").at(-1) as keyof typeof answers],
      () => ({ events: [], openMs: 0 }),
    );
    try {
      const status = await readStatus(api, { namespace: "blog", release: undefined }, new AbortController().signal);
      expect(statusTable(status, Date.parse("2026-11-22T13:00:00Z"))).toMatch(/^(GATE|no gate)/);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      expect(error.message).toBe("answer is not what the Kubernetes API sends");
    }
  },
  { kept: apiAnswers, runs: 3000 },
);
