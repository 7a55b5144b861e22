import { ExpectedError, InterruptedError } from "./expected-error.ts";

/** What `runCli` needs of the process; `process` itself fits. */
export interface ProcessPort {
  exitCode?: number | string | null | undefined;
  on(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface CliFailure {
  readonly exitCode: number;
  /** True for anything that is not an `ExpectedError`: the stack trace belongs into the log. */
  readonly bug: boolean;
  readonly error: unknown;
}

/**
 * Runs a command line's work and turns its end into the process's exit code.
 *
 * The first SIGTERM or SIGINT aborts `requested` with an `InterruptedError`, a second one `insisted`, a third one exits at
 * once. `report` is called exactly once for a failure: it is the only place that logs errors. The event loop is left to
 * drain, so that nothing written is lost; `process.exit` is called for a third signal only.
 */
export async function runCli(
  process: ProcessPort,
  work: (requested: AbortSignal, insisted: AbortSignal) => Promise<number>,
  report: (failure: CliFailure) => unknown,
): Promise<void> {
  const controller = new AbortController();
  const insistence = new AbortController();
  const interrupt = (name: "SIGINT" | "SIGTERM") => () => {
    const reason = new InterruptedError(name);
    if (insistence.signal.aborted) process.exit(reason.exitCode);
    (controller.signal.aborted ? insistence : controller).abort(reason);
  };
  const onSigint = interrupt("SIGINT");
  const onSigterm = interrupt("SIGTERM");
  process.on("SIGINT", onSigint);
  process.on("SIGTERM", onSigterm);
  try {
    process.exitCode = await work(controller.signal, insistence.signal);
  } catch (error) {
    const failure = classify(error, controller.signal);
    await report(failure);
    process.exitCode = failure.exitCode;
  } finally {
    process.off("SIGINT", onSigint);
    process.off("SIGTERM", onSigterm);
  }
}

function classify(error: unknown, signal: AbortSignal): CliFailure {
  if (error instanceof ExpectedError) return { exitCode: error.exitCode, bug: false, error };
  // Timers and sockets reject with an AbortError of their own whose cause is our reason.
  const aborted = signal.aborted && error instanceof Error && error.name === "AbortError";
  if (aborted) return { exitCode: (signal.reason as InterruptedError).exitCode, bug: false, error: signal.reason };
  return { exitCode: 1, bug: true, error };
}
