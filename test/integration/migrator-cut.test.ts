import { expect, test } from "vitest";
import { runEngine } from "../support/engine.ts";
import { everyKind } from "../support/every-kind.ts";
import { type Fault, startFaultProxy } from "../support/fault-proxy.ts";
import { migrations } from "../support/migrations.ts";
import { onEmptyDatabases } from "../support/on-empty-databases.ts";
import { usePostgres } from "../support/postgres.ts";
import { snapshot } from "../support/snapshot.ts";

const server = usePostgres();

/** A run through a proxy that cuts nothing: what it leaves, and how many messages it sends. */
async function undisturbedRun(dir: string) {
  const database = await server.createDatabase();
  const proxy = await startFaultProxy(database);
  await runEngine(proxy.url, dir);
  await proxy.close();
  return { result: await snapshot(database), messages: proxy.messages };
}

const faults: readonly [string, Omit<Fault, "message">][] = [
  ["before each message", { effect: "cut", forwarded: "nothing" }],
  ["in the middle of each message", { effect: "cut", forwarded: "half" }],
  ["behind each message", { effect: "cut", forwarded: "all" }],
  [
    "in the middle of each message, while the server goes on waiting for its rest",
    { effect: "cut", forwarded: "half", serverStaysMs: 300 },
  ],
  ["behind each message, while the server goes on with it", { effect: "cut", forwarded: "all", serverStaysMs: 300 }],
];

test.each(faults)(
  "a connection that is cut %s is made again, and the result is that of an undisturbed run",
  async (_, fault) => {
    const dir = migrations(everyKind());
    const expected = await undisturbedRun(dir);
    const messages = Array.from({ length: expected.messages }, (_, index) => index + 1);
    await onEmptyDatabases(
      server,
      messages,
      (message) => `message ${message}`,
      async (database, message) => {
        const proxy = await startFaultProxy(database, { ...fault, message });
        await runEngine(proxy.url, dir);
        await proxy.close();
        expect(proxy.struck).toBe(true);
        expect(await snapshot(database)).toEqual(expected.result);
      },
    );
  },
);
