import { createLogger } from "@migration-gate/cli-runtime/logger";
import type { RunSuccess } from "@migration-gate/run-report/report";
import { GracefulStop } from "../../packages/migrator/src/graceful-stop.ts";
import { migrate } from "../../packages/migrator/src/migrate.ts";
import { RunMonitor } from "../../packages/migrator/src/progress/run-monitor.ts";
import { Reporter } from "../../packages/migrator/src/reporter.ts";
import { type Flags, runSettings } from "../../packages/migrator/src/settings.ts";
import type { LogLine } from "./run-cli.ts";

export interface EngineRun {
  readonly success: RunSuccess;
  readonly log: readonly LogLine[];
}

/**
 * Runs `migrator up` within this process, for tests of hundreds of runs: a process for each would take its time to
 * start. Rejects as the engine does, with its log in the message.
 */
export async function runEngine(url: string, dir: string, flags: Flags = {}): Promise<EngineRun> {
  const { ended } = startEngine(url, dir, flags);
  return await ended;
}

/** As `runEngine`; the log can be read while it runs. */
export function startEngine(
  url: string,
  dir: string,
  flags: Flags = {},
): { readonly log: readonly LogLine[]; readonly ended: Promise<EngineRun> } {
  const log: LogLine[] = [];
  const logger = createLogger("migrator", "info", { write: (line) => log.push(JSON.parse(line) as LogLine) });
  const settings = runSettings({ ...flags, dir }, { DATABASE_URL: url }, "test");
  const { signal: never } = new AbortController();
  const stop = new GracefulStop({ requested: never, insisted: never }, settings.gracePeriodMs, logger);
  const reporter = new Reporter(undefined, "run");
  const monitor = new RunMonitor({ reporter, log: logger });
  const run = {
    settings,
    log: logger,
    signal: stop.signal,
    stop,
    reporter,
    monitor,
    applied: [],
    onPending: () => undefined,
  };
  const ended = migrate(run).then(
    (success) => ({ success, log }),
    (error: Error) => {
      throw new Error(`${error.message}\n${log.map((line) => JSON.stringify(line)).join("\n")}`, { cause: error });
    },
  );
  return { log, ended };
}
