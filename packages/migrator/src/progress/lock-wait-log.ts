import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { Activity, AwaitedLock } from "../database/activity.ts";

/** Where thousands of rows are fought for, the blockers change with every look. */
const pauseMs = 5000;

/** Logs that a migration waits for a lock as soon as it is seen, once, and again when lock or blockers change. */
export class LockWaitLog {
  readonly #log: Logger;
  #logged: string | undefined;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Another migration begins. */
  forget(): void {
    this.#logged = undefined;
    this.#loggedMs = Number.NEGATIVE_INFINITY;
  }

  /** Takes one look at the server; true where it has logged it. */
  told({ awaitedLock }: Activity, fields: Readonly<Record<string, unknown>>, nowMs: number): boolean {
    // A lock that nobody holds any more is about to be had.
    if (awaitedLock?.blockers.length === 0) return false;
    const key = awaitedLock ? keyOf(awaitedLock) : undefined;
    if (key === this.#logged || nowMs - this.#loggedMs < pauseMs) return false;
    this.#log.info(fields, key ? "migration waits for a lock" : "migration no longer waits for a lock");
    this.#logged = key;
    this.#loggedMs = nowMs;
    return true;
  }
}

function keyOf({ lock, relation, blockers }: AwaitedLock): string {
  const pids = blockers.map(({ pid }) => pid).sort((one, other) => one - other);
  return JSON.stringify([lock, relation, pids]);
}
