import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { identity, job, jobName, ledger, ledgerName, openLedger } from "../../../../test/support/kube-api-blog.ts";
import { mutatedJson } from "../../../../test/support/mutated-json.ts";
import { type ScriptedApi, scriptedApi } from "../../../../test/support/scripted-api.ts";
import { silentLog } from "../../../../test/support/silent-log.ts";
import type { ApiRequest } from "../api/api-client.ts";
import { isRecord } from "../api/named-object.ts";
import { firstLook, isEveryGateOpen } from "./first-look.ts";
import { waitUntilOpen } from "./wait.ts";

const gate = { job: jobName, ledger: ledgerName, identity };
const now = () => performance.now();

vi.mock("node:timers/promises", () => import("../../../../test/support/virtual-delay.ts"));
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Values that come near to a proof without being one, among anything that JSON can say. */
const nearProof = fc.constantFrom<unknown>(
  identity,
  ledgerName,
  jobName,
  "True",
  "Complete",
  { [identity]: "{}" },
  { type: "Complete", status: "False" },
  { type: "Complete", status: true },
  { type: "complete", status: "True" },
  { type: "SuccessCriteriaMet", status: "True" },
  { succeeded: 1, completionTime: "2026-01-01T00:00:00Z" },
  [openLedger()],
);
const anything = fc.oneof({ weight: 2, arbitrary: fc.jsonValue({ maxDepth: 3 }) }, { weight: 1, arbitrary: nearProof });

/** An answer of the API in which some part was replaced. */
const mutated = (original: unknown) => mutatedJson(original, anything);

const closed = { metadata: { resourceVersion: "1" }, items: [ledger({ status: "{}" }), job("uid-1")] };
const open = {
  metadata: { resourceVersion: "1" },
  items: [openLedger(), job("uid-1", { type: "Complete" })],
};
const answers = fc.oneof(anything, mutated(closed), mutated(open));
const events = fc.oneof(
  anything,
  ...[ledger(), openLedger(), job("uid-1"), job("uid-1", { type: "Complete" })].flatMap((object) =>
    ["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"].map((type) => mutated({ type, object })),
  ),
);

test("no answer at all opens a gate without an entry in that ledger or that Job's condition", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answers, { minLength: 1, maxLength: 6 }),
      fc.array(events, { maxLength: 6 }),
      async (lists, changes) => {
        const said: { request: ApiRequest; object: unknown }[] = [];
        let asked = 0;
        const api = scriptedApi(
          (request) => {
            const answer = lists[asked++ % lists.length];
            for (const object of itemsOf(answer)) said.push({ request, object });
            return answer;
          },
          (request) => ({
            openMs: 1000,
            events: changes.map((event) => ({
              afterMs: 1,
              get event() {
                if (isRecord(event) && event["type"] !== "DELETED") said.push({ request, object: event["object"] });
                return event;
              },
            })),
          }),
        );
        const opened = await opensWithin(api, 5_000);
        if (opened) expect(said.some(({ request, object }) => isProof(request, object))).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
}, 60_000);

test("the same arrangement does open for a proof", async () => {
  const proof = { metadata: { resourceVersion: "1" }, items: [openLedger()] };
  expect(
    await opensWithin(
      scriptedApi(
        () => proof,
        () => ({ events: [], openMs: 1000 }),
      ),
      60_000,
    ),
  ).toBe(true);
});

/** True where the wait returned; false for every other end, the limit among them. */
async function opensWithin(api: ScriptedApi, timeoutMs: number): Promise<boolean> {
  const { signal } = new AbortController();
  const looks = firstLook(api, [gate], "blog", now, signal);
  const run = async () => {
    if (await isEveryGateOpen(looks, now)) return true;
    const ports = { api, log: silentLog, owner: { account: undefined, pod: undefined }, now };
    await waitUntilOpen({ timeoutMs, hintAfterMs: 2_000 }, looks, ports, signal);
    return true;
  };
  const ended = run().catch((error: unknown) => {
    // Anything but an expected end is a bug that the input has uncovered.
    if (typeof (error as { exitCode?: unknown }).exitCode !== "number") throw error;
    return false;
  });
  await vi.advanceTimersByTimeAsync(timeoutMs + 1000);
  return await ended;
}

/** The contract in the fewest words, apart from the code that keeps it. */
function isProof({ path }: ApiRequest, object: unknown): boolean {
  if (!isRecord(object) || !isRecord(object["metadata"])) return false;
  const { name } = object["metadata"];
  const { data, status } = object;
  if (path.includes("/configmaps")) return name === ledgerName && isRecord(data) && Object.hasOwn(data, identity);
  const conditions = isRecord(status) && Array.isArray(status["conditions"]) ? status["conditions"] : [];
  return name === jobName && conditions.some((one) => one?.type === "Complete" && one?.status === "True");
}

function itemsOf(answer: unknown): unknown[] {
  const items = isRecord(answer) ? answer["items"] : undefined;
  return Array.isArray(items) ? items.filter(isRecord) : [];
}
