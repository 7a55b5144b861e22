import { performance } from "node:perf_hooks";
import type { LiveLine } from "@migration-gate/cli-runtime/live-line";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { Part } from "../apply/message.ts";
import type { Activity } from "../database/activity.ts";
import type { LockHolder } from "../database/lock.ts";
import type { Reporter } from "../reporter.ts";
import { liveText } from "./live-text.ts";
import { LockWaitLog } from "./lock-wait-log.ts";
import { logFieldsOf, type Moment, type RunningMigration, runStateOf } from "./moment.ts";

export interface MonitorPorts {
  readonly reporter: Pick<Reporter, "phase">;
  readonly log: Logger;
  /** Where a terminal shows one; it then says what the log would say every 10 s. */
  readonly live?: Pick<LiveLine, "show" | "clear" | "columns"> | undefined;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

const tickMs = 1000;
const logEveryMs = 10_000;
const reportEveryMs = 2000;

/**
 * Knows what a run is at, and tells: the report at every change of phase and migration, when a lock wait begins or
 * changes, and every 2 s where there is progress; the log every 10 s of a long migration, and at once of a lock wait; a
 * terminal every second, once the run has lasted one.
 *
 * Nothing that fails while progress is told fails the run.
 */
export class RunMonitor {
  readonly #reporter: Pick<Reporter, "phase">;
  readonly #log: Logger;
  readonly #live: MonitorPorts["live"];
  readonly #now: () => number;
  readonly #lockWaitLog: LockWaitLog;
  #moment: Moment = { phase: "connecting", phaseSinceMs: 0 };
  #drawing = false;
  #loggedMs = 0;
  #reportedMs = 0;
  #reported = "";
  #reporting: Promise<void> | undefined;
  #reportFailed = false;

  constructor({ reporter, log, live, now = () => performance.now() }: MonitorPorts) {
    this.#reporter = reporter;
    this.#log = log;
    this.#live = live;
    this.#now = now;
    this.#lockWaitLog = new LockWaitLog(log);
  }

  /** Runs work and tells at intervals what it is at; nothing is told any more once this has ended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const ticking = setInterval(() => this.#tick(), tickMs).unref();
    try {
      return await work();
    } finally {
      clearInterval(ticking);
      this.#drawing = false;
      this.#live?.clear();
      await this.#reporting;
    }
  }

  /** A phase in which nothing is applied begins. */
  async enter(phase: "connecting" | "waiting-for-lock"): Promise<void> {
    this.#moment = { phase, phaseSinceMs: this.#now() };
    await this.#changed();
  }

  async begin(script: RunningMigration["script"], position: { readonly current: number; readonly total: number }) {
    const migration = { script, ...position, startedAt: new Date().toISOString(), attempt: 1 };
    this.#moment = { phase: "applying", phaseSinceMs: this.#now(), migration };
    this.#loggedMs = this.#now();
    this.#lockWaitLog.forget();
    await this.#changed();
  }

  /** Counts from 1. */
  attempt(attempt: number): void {
    const { migration } = this.#moment;
    if (migration) this.#moment = { ...this.#moment, migration: { ...migration, attempt } };
  }

  sends(message: readonly Part[]): void {
    const { awaitedLock, message: before } = this.#moment;
    this.#moment = { ...this.#moment, message, awaitedLock: message === before ? awaitedLock : undefined };
  }

  /** Takes what was seen of the running message, or `undefined` when it has ended. */
  readonly onActivity = (activity: Activity | undefined): void => {
    const awaitedLock = activity ? (activity.awaitedLock ?? undefined) : this.#moment.awaitedLock;
    this.#moment = { ...this.#moment, activity, awaitedLock, holder: undefined };
    if (!activity) return;
    this.#draw();
    const now = this.#now();
    if (this.#lockWaitLog.told(activity, logFieldsOf(this.#moment, now), now)) this.#report(now);
  };

  readonly onHolder = (holder: LockHolder | undefined): void => {
    this.#moment = { ...this.#moment, holder };
    this.#report(this.#now());
  };

  #tick(): void {
    const now = this.#now();
    this.#drawing = true;
    this.#draw();
    if (now - this.#reportedMs >= reportEveryMs) this.#report(now);
    if (this.#live || !this.#moment.migration || now - this.#loggedMs < logEveryMs) return;
    this.#loggedMs = now;
    this.#log.info(logFieldsOf(this.#moment, now), "migration is running");
  }

  #draw(): void {
    if (!this.#live || !this.#drawing) return;
    const elapsedMs = this.#now() - this.#moment.phaseSinceMs;
    this.#live.show(liveText(runStateOf(this.#moment), elapsedMs, this.#live.columns));
  }

  async #changed(): Promise<void> {
    this.#reportedMs = this.#now();
    this.#draw();
    const state = runStateOf(this.#moment);
    this.#reported = JSON.stringify(state);
    await this.#reporter.phase(state);
  }

  #report(nowMs: number): void {
    const state = runStateOf(this.#moment);
    const text = JSON.stringify(state);
    if (this.#reporting || text === this.#reported) return;
    this.#reported = text;
    this.#reportedMs = nowMs;
    this.#reporting = this.#reporter
      .phase(state)
      .catch((error: Error) => {
        if (!this.#reportFailed) this.#log.warn({ reason: error.message }, "progress could not be reported");
        this.#reportFailed = true;
      })
      .finally(() => {
        this.#reporting = undefined;
      });
  }
}
