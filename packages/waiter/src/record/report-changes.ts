import { type FSWatcher, watch } from "node:fs";
import { reportFileName } from "@migration-gate/run-report/report-files";

/** Wakes whoever waits for the next report. */
export interface ReportChanges extends Disposable {
  /** Resolves when the report changed since the last call, after `limitMs`, or when `signal` aborts. */
  next(limitMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * Watches a report directory. Events come within a millisecond but are no promise (inotify's limits, odd volumes), so
 * `next` must be given a limit and the file be read after every call.
 */
export function watchReportDirectory(directory: string): ReportChanges {
  let changed = false;
  let wake = () => {};
  const watcher = openWatcher(directory, () => {
    changed = true;
    wake();
  });
  return {
    next(limitMs, signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          changed = false;
          wake = () => {};
          resolve();
        };
        const timer = setTimeout(done, limitMs);
        signal.addEventListener("abort", done);
        wake = done;
        if (changed || signal.aborted) done();
      });
    },
    [Symbol.dispose]: () => watcher?.close(),
  };
}

function openWatcher(directory: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, (_event, name) => {
      if (name === null || name === reportFileName) onChange();
    });
    return watcher.on("error", () => watcher.close());
  } catch {
    // No inotify watches left on the node: the limit of `next` has to do.
    return undefined;
  }
}
