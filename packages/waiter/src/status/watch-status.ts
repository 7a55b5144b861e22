import { setTimeout as sleep } from "node:timers/promises";
import type { LogDestination } from "@migration-gate/cli-runtime/logger";
import { ApiError } from "../api/api-error.ts";
import { backoffMs } from "../api/backoff.ts";
import { plainText } from "../ledger/plain-text.ts";
import type { StatusReport } from "./read-status.ts";

export interface StatusWatch {
  /** Throws an `ApiError` where the API server gives no answer. */
  read(): Promise<StatusReport>;
  render(report: StatusReport): string;
  readonly output: LogDestination;
}

const intervalMs = 2_000;
const homeAndClear = "\u001b[H\u001b[J";

/**
 * Shows the report again and again: redrawn on a terminal, elsewhere as often as it changes. What the API server cannot
 * be asked for a while stays as it was last seen, with the problem beneath it.
 *
 * Ends only by throwing: the reason of `signal`, or the `ApiError` of a first reading that fails.
 */
export async function watchStatus({ read, render, output }: StatusWatch, signal: AbortSignal): Promise<never> {
  let last: StatusReport | undefined;
  let shown = "";
  let failures = 0;
  for (;;) {
    const report = await readOrProblem(last);
    const text = render(report);
    const key = JSON.stringify(report);
    if (output.isTTY) output.write(homeAndClear + text);
    else if (key !== shown) output.write(text);
    shown = key;
    last = failures === 0 ? report : last;
    await sleep(intervalMs + (failures === 0 ? 0 : backoffMs(failures)), undefined, { signal });
  }

  async function readOrProblem(known: StatusReport | undefined): Promise<StatusReport> {
    try {
      const report = await read();
      failures = 0;
      return report;
    } catch (error) {
      if (!known || !(error instanceof ApiError)) throw error;
      failures += 1;
      return { ...known, problems: [`as last seen, because there is no answer: ${plainText(error.message, 512)}`] };
    }
  }
}
