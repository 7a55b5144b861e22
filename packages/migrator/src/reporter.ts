import { setTimeout as delay } from "node:timers/promises";
import type { RunState } from "@migration-gate/run-report/progress-text";
import type { Acknowledgement, RunFailure, RunHistory, RunReport, RunSuccess } from "@migration-gate/run-report/report";
import {
  acknowledgementFileName,
  readTextFile,
  reportFileName,
  writeJsonFile,
} from "@migration-gate/run-report/report-files";
import { TransientError } from "./errors.ts";
import type { WaitBudget } from "./wait-budget.ts";

/** Tells the recorder beside this container what the run is doing; without a directory it tells nobody. */
export class Reporter {
  readonly runId: string;
  readonly #directory: string | undefined;
  readonly #startedAt = new Date().toISOString();
  #history: RunHistory | undefined;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(directory: string | undefined, runId: string) {
    this.#directory = directory;
    this.runId = runId;
  }

  /** Is in every report from the next one on. */
  historyRead(history: RunHistory): void {
    this.#history = history;
  }

  async phase(state: RunState): Promise<void> {
    await this.#write(state);
  }

  async failed(failure: RunFailure): Promise<void> {
    await this.#write({ phase: "failed", failure });
  }

  /**
   * Reports success and waits until the ledger has it: only then may this process end with 0.
   *
   * @throws TransientError when nobody acknowledges within the budget; the retried Job finds nothing to do
   */
  async succeeded(success: RunSuccess, budget: WaitBudget, signal: AbortSignal): Promise<void> {
    if (this.#directory === undefined) return;
    await this.#write({ phase: "succeeded", success });
    const directory = this.#directory;
    await budget.spend(async () => {
      const giveUp = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.ceil(budget.remainingMs)))]);
      while (!(await this.#isAcknowledged(directory))) {
        signal.throwIfAborted();
        if (giveUp.aborted) {
          throw new TransientError(
            "the migrations are applied, but the recorder has not acknowledged it within the wait budget: see the log of the container record",
          );
        }
        await delay(pollMs, undefined, { signal: giveUp }).catch(() => undefined);
      }
    });
  }

  async #isAcknowledged(directory: string): Promise<boolean> {
    const text = await readTextFile(directory, acknowledgementFileName);
    if (text === undefined) return false;
    try {
      return (JSON.parse(text) as Partial<Acknowledgement>).runId === this.runId;
    } catch {
      return false; // Not ours to judge: it is replaced as a whole once it is right.
    }
  }

  /** One after the other: what is written last stays. */
  async #write(part: Pick<RunReport, "phase" | "progress" | "lockWait" | "success" | "failure">): Promise<void> {
    const directory = this.#directory;
    if (directory === undefined) return;
    const updatedAt = new Date().toISOString();
    const head = { formatVersion: 1, runId: this.runId, startedAt: this.#startedAt, updatedAt } as const;
    const report: RunReport = { ...head, ...(this.#history && { history: this.#history }), ...part };
    const write = this.#lastWrite.then(() => writeJsonFile(directory, reportFileName, report));
    this.#lastWrite = write.catch(() => undefined);
    await write;
  }
}

const pollMs = 50;
