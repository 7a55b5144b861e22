#!/usr/bin/env node
import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import type { LogLevel } from "@migration-gate/cli-runtime/log-levels";
import { type CliFailure, runCli } from "@migration-gate/cli-runtime/run-cli";
import { writeTerminationMessage } from "@migration-gate/cli-runtime/termination-message";
import waiter from "../package.json" with { type: "json" };
import { parseCommandLine } from "./command-line.ts";
import { wait } from "./commands/wait.ts";
import { podCommands } from "./flags.ts";
import { logLevel } from "./settings.ts";
import { GateClosedError } from "./wait/errors.ts";

const { argv, env, stdout } = process;
const { version } = waiter;
let level: LogLevel = "info";

void runCli(process, run, report).then(() => {
  // The application starts after this: it does not wait for connections to close. What was logged is out, because writing
  // to the pipe of a container's log is synchronous (https://nodejs.org/api/process.html#a-note-on-process-io).
  if (argv[2] === "wait") process.exit();
});

async function run(signal: AbortSignal): Promise<number> {
  const commandLine = await parseCommandLine(argv.slice(2), version);
  if (commandLine.command === "print") {
    stdout.write(`${commandLine.text}\n`);
    return 0;
  }
  const { command, flags } = commandLine;
  level = logLevel(flags, env);
  const context = { flags, env, stdout, level, version };
  if (command === "wait") return await wait(context, signal);
  if (command === "record") {
    const { record } = await import("./commands/record.ts");
    return await record(context, signal);
  }
  const { operate } = await import("./commands/operate.ts");
  return await operate(command, { ...context, stdin: process.stdin }, signal);
}

async function report({ exitCode, bug, error }: CliFailure): Promise<void> {
  const { createLogger } = await import("@migration-gate/cli-runtime/logger");
  // In a pod, everything is a line of the container's log; elsewhere stdout is for the result, and people read the rest.
  const runsInPod = argv[2] !== undefined && argv[2] in podCommands;
  const log = createLogger(
    "waiter",
    level,
    runsInPod ? stdout : { isTTY: true, write: (text) => process.stderr.write(text) },
  );
  if (bug) log.error({ exitCode, err: error }, "unexpected error");
  else log.error({ exitCode, ...(error instanceof GateClosedError && error.fields) }, (error as Error).message);
  const explanation = bug ? String(error) : explanationOf(error);
  try {
    if (explanation) writeTerminationMessage(env["WAITER_TERMINATION_LOG"], explanation);
  } catch (cause) {
    // The log has said the same.
    log.debug({ reason: (cause as Error).message }, "termination message could not be written");
  }
}

/** What `kubectl describe pod` is to show; an interruption needs no explanation. */
function explanationOf(error: unknown): string | undefined {
  if (error instanceof GateClosedError) return error.explanation;
  return error instanceof UsageError ? error.message : undefined;
}
