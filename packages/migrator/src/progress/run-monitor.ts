import { performance } from "node:perf_hooks";
import type { LiveLine } from "@migration-gate/cli-runtime/live-line";
import type { Logger } from "@migration-gate/cli-runtime/logger";
import type { RunState } from "@migration-gate/run-report/progress-text";
import type { RunPhase } from "@migration-gate/run-report/report";
import { type Part, statementPosition } from "../apply/message.ts";
import type { Activity } from "../database/activity.ts";
import type { LockHolder } from "../database/lock.ts";
import type { MigrationFile } from "../files/migration-files.ts";
import type { Script } from "../files/script.ts";
import type { Reporter } from "../reporter.ts";
import { liveText } from "./live-text.ts";
import { LockWaitLog } from "./lock-wait-log.ts";
import { reportedHolder, reportedLockWait, reportedOperation } from "./reported-activity.ts";

export interface MonitorPorts {
  readonly reporter: Pick<Reporter, "phase">;
  readonly log: Logger;
  /** Where a terminal shows one; it then says what the log would say every 10 s. */
  readonly live?: Pick<LiveLine, "show" | "clear" | "columns"> | undefined;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

type MonitoredScript = { readonly file: Pick<MigrationFile, "key" | "path"> } & Pick<Script, "statements">;

interface RunningMigration {
  readonly script: MonitoredScript;
  readonly current: number;
  readonly total: number;
  readonly startedAt: string;
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
  #phase: RunPhase = "connecting";
  #phaseSinceMs = 0;
  #drawing = false;
  #migration: RunningMigration | undefined;
  #attempt = 1;
  #message: readonly Part[] = [];
  #activity: Activity | undefined;
  #holder: LockHolder | undefined;
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
    this.#phase = phase;
    this.#migration = undefined;
    this.#forgetMessage();
    await this.#changed();
  }

  async begin(
    script: MonitoredScript,
    { current, total }: { readonly current: number; readonly total: number },
  ): Promise<void> {
    this.#phase = "applying";
    this.#migration = { script, current, total, startedAt: new Date().toISOString() };
    this.#attempt = 1;
    this.#forgetMessage();
    this.#lockWaitLog.forget();
    this.#loggedMs = this.#now();
    await this.#changed();
  }

  /** Counts from 1. */
  attempt(attempt: number): void {
    this.#attempt = attempt;
  }

  sends(message: readonly Part[]): void {
    this.#message = message;
  }

  readonly onActivity = (activity: Activity | undefined): void => {
    this.#activity = activity;
    this.#holder = undefined;
    if (activity) this.#draw();
    if (activity && this.#lockWaitLog.told(activity, this.#logFields(), this.#now())) this.#report(this.#now());
  };

  readonly onHolder = (holder: LockHolder | undefined): void => {
    this.#holder = holder;
    this.#report(this.#now());
  };

  #tick(): void {
    const now = this.#now();
    this.#drawing = true;
    this.#draw();
    if (now - this.#reportedMs >= reportEveryMs) this.#report(now);
    if (this.#live || !this.#migration || now - this.#loggedMs < logEveryMs) return;
    this.#loggedMs = now;
    this.#log.info(this.#logFields(), "migration is running");
  }

  /** What the report says, too. */
  get #state(): RunState {
    const { awaitedLock, operation } = this.#activity ?? {};
    const lockWait = awaitedLock ? reportedLockWait(awaitedLock) : this.#holder && reportedHolder(this.#holder);
    const where = lockWait ? { lockWait } : {};
    if (!this.#migration) return { phase: this.#phase, ...where };
    const { script, current, total, startedAt } = this.#migration;
    const { key: migration, path: file } = script.file;
    const position = statementPosition(script, this.#message);
    const progress = { current, total, migration, file, startedAt, attempt: this.#attempt, ...position };
    return {
      phase: this.#phase,
      progress: { ...progress, ...(operation && { operation: reportedOperation(operation) }) },
      ...where,
    };
  }

  #logFields(): Record<string, unknown> {
    if (!this.#migration) return {};
    const { script, current, total } = this.#migration;
    const { awaitedLock, operation, waitEvent } = this.#activity ?? {};
    const { blockers, ...waitsFor } = awaitedLock ?? {};
    return {
      migration: script.file.key,
      current,
      total,
      ...statementPosition(script, this.#message),
      ...(this.#attempt > 1 && { attempt: this.#attempt }),
      elapsedMs: Math.round(this.#now() - this.#phaseSinceMs),
      ...(operation && { operation: reportedOperation(operation) }),
      ...(awaitedLock ? { waitsFor, blockers } : waitEvent && { waitEvent }),
    };
  }

  #forgetMessage(): void {
    this.#message = [];
    this.#activity = undefined;
    this.#holder = undefined;
  }

  #draw(): void {
    if (this.#live && this.#drawing) {
      this.#live.show(liveText(this.#state, this.#now() - this.#phaseSinceMs, this.#live.columns));
    }
  }

  async #changed(): Promise<void> {
    this.#reportedMs = this.#now();
    this.#phaseSinceMs = this.#reportedMs;
    this.#draw();
    const state = this.#state;
    this.#reported = JSON.stringify(state);
    await this.#reporter.phase(state);
  }

  #report(nowMs: number): void {
    const state = this.#state;
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
