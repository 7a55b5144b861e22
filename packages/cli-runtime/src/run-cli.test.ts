import { EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { UsageError } from "./expected-error.ts";
import { type CliFailure, runCli } from "./run-cli.ts";

class FakeProcess extends EventEmitter {
  exitCode: number | undefined;
  readonly exits: number[] = [];
  exit(code: number) {
    this.exits.push(code);
  }
}

async function run(work: (requested: AbortSignal, process: FakeProcess, insisted: AbortSignal) => Promise<number>) {
  const process = new FakeProcess();
  const failures: CliFailure[] = [];
  await runCli(
    process,
    (requested, insisted) => work(requested, process, insisted),
    (failure) => failures.push(failure),
  );
  return { exitCode: process.exitCode, exits: process.exits, failures, listeners: process.listenerCount("SIGTERM") };
}

test("the work's result becomes the exit code", async () => {
  expect(await run(async () => 6)).toEqual({ exitCode: 6, exits: [], failures: [], listeners: 0 });
});

test("an expected error is reported once with its own exit code", async () => {
  const { exitCode, failures } = await run(async () => {
    throw new UsageError("--dir is missing");
  });
  expect(exitCode).toBe(2);
  expect(failures).toEqual([expect.objectContaining({ exitCode: 2, bug: false })]);
});

test("anything else is a bug", async () => {
  const { exitCode, failures } = await run(async () => {
    throw new TypeError("x is not a function");
  });
  expect(exitCode).toBe(1);
  expect(failures[0]?.bug).toBe(true);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
])("%s aborts the signal and ends with %i", async (name, code) => {
  const { exitCode, failures } = await run(async (signal, process) => {
    process.emit(name);
    await setTimeout(60_000, undefined, { signal });
    return 0;
  });
  expect(exitCode).toBe(code);
  expect(failures).toEqual([expect.objectContaining({ bug: false })]);
});

test("a second signal insists, a third one exits at once", async () => {
  const insisted: boolean[] = [];
  const { exits } = await run(async (_signal, process, insistence) => {
    for (let count = 0; count < 3; count++) {
      process.emit("SIGTERM");
      insisted.push(insistence.aborted);
    }
    return 0;
  });
  expect(insisted).toEqual([false, true, true]);
  expect(exits).toEqual([143]);
});
