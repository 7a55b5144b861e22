import { randomUUID } from "node:crypto";
import { LiveLine, showsLiveLine } from "@migration-gate/cli-runtime/live-line";
import { createLogger, type Logger } from "@migration-gate/cli-runtime/logger";
import { type CliFailure, runCli } from "@migration-gate/cli-runtime/run-cli";
import { escapeControls } from "@migration-gate/cli-runtime/terminal-text";
import { writeTerminationMessage } from "@migration-gate/cli-runtime/termination-message";
import migrator from "../package.json" with { type: "json" };
import { parseCommandLine } from "./command-line.ts";
import { baseline } from "./commands/baseline.ts";
import { repair } from "./commands/repair.ts";
import { resolve } from "./commands/resolve.ts";
import type { CommandResult } from "./commands/result.ts";
import { status } from "./commands/status.ts";
import { unlock } from "./commands/unlock.ts";
import { up } from "./commands/up.ts";
import { validate } from "./commands/validate.ts";
import { describeServer } from "./connection/connection-target.ts";
import { describeFailure } from "./failure.ts";
import type { Command } from "./flags.ts";
import { GracefulStop, type StopRequests } from "./graceful-stop.ts";
import { displayName } from "./history/table.ts";
import type { Run } from "./migrate.ts";
import { RunMonitor } from "./progress/run-monitor.ts";
import { Reporter } from "./reporter.ts";
import { type Flags, fileSettings, logLevel, type RunSettings, runSettings } from "./settings.ts";
import { keepHeapSmall } from "./small-heap.ts";

const { argv, env, stdout, stderr } = process;
const databaseCommands = { up, status, baseline, repair, resolve, unlock };
let log: Logger = createLogger("migrator", "info", stdout);
let live: LiveLine | undefined;
let json = false;
let run: Run | undefined;

// A third interrupt ends the process in the middle of everything.
process.once("exit", () => live?.clear());
await runCli(process, main, report);

async function main(requested: AbortSignal, insisted: AbortSignal): Promise<number> {
  const commandLine = await parseCommandLine(argv.slice(2), migrator.version);
  if (commandLine.command === "print") {
    stdout.write(`${commandLine.text}\n`);
    return 0;
  }
  const { command, flags } = commandLine;
  const answers = command !== "up" || flags["dry-run"] === true || flags["json"] === true;
  // Stdout belongs to the answer where there is one.
  if (!answers && showsLiveLine(stdout, env)) live = new LiveLine(stdout);
  log = createLogger("migrator", logLevel(flags, env), answers ? stderr : (live ?? stdout));
  json = flags["json"] === true;
  const { exitCode, summary, document, text } = await execute(command, flags, { requested, insisted });
  if (json) answer(JSON.stringify(document, undefined, 2));
  else if (text) answer(text);
  log.info({ outcome: "success", exitCode, ...summary }, "migrator ended");
  return exitCode;
}

async function execute(command: Command, flags: Flags, requests: StopRequests): Promise<CommandResult> {
  if (command === "validate") {
    const settings = fileSettings(flags, env);
    log.info({ version: migrator.version, command, ...settings }, "migrator started");
    keepHeapSmall();
    return await validate(settings);
  }
  const settings = runSettings(flags, env, migrator.version);
  log.info({ version: migrator.version, command, ...shownSettings(settings) }, "migrator started");
  const reporter = new Reporter(command === "up" && !settings.dryRun ? settings.report : undefined, randomUUID());
  const stop = new GracefulStop(requests, settings.gracePeriodMs, log);
  run = {
    settings,
    log,
    signal: stop.signal,
    stop,
    reporter,
    monitor: new RunMonitor({ reporter, log, live }),
    applied: [],
    onPending: keepHeapSmall,
  };
  return await databaseCommands[command](run);
}

/** Prints what stdout is for; names of files and what files hold may be anything. */
function answer(text: string): void {
  stdout.write(`${escapeControls(text, "layout")}\n`);
}

/** Without secrets. */
function shownSettings({ connection, history, migratorVersion: _, ...settings }: RunSettings): Record<string, unknown> {
  return { ...settings, server: describeServer(connection()), history: displayName(history), set: history.set };
}

async function report(failure: CliFailure): Promise<void> {
  const described = describeFailure(failure);
  log.error({ outcome: "failed", applied: run?.applied.length ?? 0, ...described.logFields }, "migrator ended");
  if (json) answer(JSON.stringify({ error: described.report, migrations: run?.applied ?? [] }, undefined, 2));
  try {
    writeTerminationMessage(env["MIGRATOR_TERMINATION_LOG"], described.message);
    await run?.reporter.failed(described.report);
  } catch (error) {
    // The failure itself is in the log, and its exit code must stand.
    log.warn({ reason: (error as Error).message }, "failure could not be reported");
  }
}
