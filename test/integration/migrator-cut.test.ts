import { expect, test } from "vitest";
import { runEngine } from "../support/engine.ts";
import { everyKind, inTransactions } from "../support/every-kind.ts";
import { type Fault, startFaultProxy } from "../support/fault-proxy.ts";
import { migrations } from "../support/migrations.ts";
import { onEmptyDatabases } from "../support/on-empty-databases.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { type TestDatabase, usePostgres } from "../support/postgres.ts";
import { randomNumbers } from "../support/random.ts";
import { snapshot } from "../support/snapshot.ts";

const server = usePostgres();

/** How the migrator reaches the server, and what it can run there. */
const ways = {
  "no pooler": { pooler: "none", files: everyKind() },
  "pooler in session mode": { pooler: "session", files: everyKind() },
  "pooler in transaction mode": { pooler: "transaction", files: inTransactions() },
} as const;
type Way = (typeof ways)[keyof typeof ways];

type Cut = Omit<Fault, "message" | "effect">;
const cuts = {
  "before each message": { forwarded: "nothing" },
  "in the middle of each message": { forwarded: "half" },
  "behind each message": { forwarded: "all" },
  "in the middle of each message, whose rest the server waits for": { forwarded: "half", serverStaysMs: 300 },
  "behind each message, with which the server goes on": { forwarded: "all", serverStaysMs: 300 },
} as const satisfies Record<string, Cut>;

const cases: readonly (readonly [keyof typeof cuts, keyof typeof ways])[] = [
  ["before each message", "no pooler"],
  ["in the middle of each message", "no pooler"],
  ["behind each message", "no pooler"],
  ["in the middle of each message, whose rest the server waits for", "no pooler"],
  ["behind each message, with which the server goes on", "no pooler"],
  ["behind each message", "pooler in session mode"],
  ["in the middle of each message", "pooler in transaction mode"],
  ["behind each message", "pooler in transaction mode"],
];

test.each(cases)("a run cut %s (%s) goes on by itself, and leaves what an undisturbed one does", async (cut, way) => {
  const run = await prepareRuns(ways[way]);
  const messages = Array.from({ length: run.messages }, (_, index) => index + 1);
  await onEmptyDatabases(
    server,
    messages,
    (message) => `message ${message}`,
    async (database, message) => {
      expect(await run.withFaults(database, [{ ...cuts[cut], effect: "cut", message }])).toBe(1);
    },
  );
});

const seed = Number(process.env["FAULT_SEED"] ?? 1);

test(`thirty runs cut again and again at random (FAULT_SEED=${seed}) leave what an undisturbed one does`, async () => {
  const run = await prepareRuns(ways["no pooler"]);
  const random = randomNumbers(seed);
  const oneOf = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T;
  const randomFault = (): Fault => ({
    ...oneOf<Cut>(Object.values(cuts)),
    effect: "cut",
    // A run that goes on has less to do than the one before.
    message: 1 + Math.floor(random() * run.messages * 0.6),
  });
  await onEmptyDatabases(
    server,
    Array.from({ length: 30 }, () => [randomFault(), randomFault(), randomFault()]),
    (faults) => JSON.stringify(faults),
    async (database, faults) => {
      await run.withFaults(database, faults);
    },
  );
});

/** Runs once undisturbed: how many messages that takes, and how to run with faults and compare what is left. */
async function prepareRuns({ pooler, files }: Way) {
  const dir = migrations(files);
  const database = await server.createDatabase();
  const entrance = pooler === "none" ? database : await startPgBouncer(database, { mode: pooler });
  const runThrough = async ({ name }: TestDatabase, faults: readonly Fault[]) => {
    const proxy = await startFaultProxy(Object.assign(new URL(entrance.url), { pathname: name }).href, faults);
    await runEngine(proxy.url, dir, { pooler });
    proxy.close();
    return proxy;
  };
  const { messages } = await runThrough(database, []);
  const undisturbed = await snapshot(database);
  return {
    messages: messages[0] ?? 0,
    /** Answers how many of the faults have happened. */
    withFaults: async (disturbed: TestDatabase, faults: readonly Fault[]): Promise<number> => {
      const { strikes } = await runThrough(disturbed, faults);
      expect(await snapshot(disturbed)).toEqual(undisturbed);
      return strikes;
    },
  };
}
