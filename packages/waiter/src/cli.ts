import { UsageError } from "@migration-gate/cli-runtime/expected-error";
import { createLogger, type Logger } from "@migration-gate/cli-runtime/logger";
import { type CliFailure, runCli } from "@migration-gate/cli-runtime/run-cli";
import { writeTerminationMessage } from "@migration-gate/cli-runtime/termination-message";
import waiter from "../package.json" with { type: "json" };
import { openApiClient } from "./api/api-client.ts";
import { openServiceAccount, tokenServiceAccount } from "./api/service-account.ts";
import { parseCommandLine } from "./command-line.ts";
import { record } from "./record/record.ts";
import { clusterAccess, logLevel, recordSettings, waitSettings } from "./settings.ts";
import { GateClosedError } from "./wait/errors.ts";
import { wait } from "./wait/wait.ts";

const { argv, env, stdout } = process;
let log: Logger = createLogger("waiter", "info", stdout);

await runCli(process, run, report);

async function run(signal: AbortSignal): Promise<number> {
  const commandLine = await parseCommandLine(argv.slice(2), waiter.version);
  if (commandLine.command === "print") {
    stdout.write(`${commandLine.text}\n`);
    return 0;
  }
  const { command, flags } = commandLine;
  log = createLogger("waiter", logLevel(flags, env), stdout);
  const { address, serviceAccountDirectory } = clusterAccess(env);
  const serviceAccount = openServiceAccount(serviceAccountDirectory);
  const api = openApiClient(address, serviceAccount.credentials);
  const now = () => performance.now();
  const account = tokenServiceAccount(serviceAccount.credentials().token);
  try {
    if (command === "wait") {
      const settings = waitSettings(flags, env, serviceAccount.namespace);
      log.info({ version: waiter.version, ...settings }, "waiting for migrations");
      await wait(settings, { api, log, account, now }, signal);
      log.info({ durationMs: Math.round(now()) }, "every gate is open");
    } else {
      const settings = recordSettings(flags, env, serviceAccount.namespace);
      log.info({ version: waiter.version, ...settings }, "recording the migration");
      await record(settings, { api, log, account, now, wallClock: () => new Date().toISOString() }, signal);
      log.info("recording has ended");
    }
    return 0;
  } finally {
    api.close();
  }
}

function report({ exitCode, bug, error }: CliFailure): void {
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
