import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

/** A program with all that decides how it runs. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What one run of a program has taken: the program's own share, not that of a server that it talks to. */
export interface ProcessCost {
  /** From the start of the process to its end. */
  readonly wallMs: number;
  /** User and system time, in steps of 10 ms. */
  readonly cpuMs: number;
  /** ru_maxrss: the most memory that was resident at any moment, code shared with others included. */
  readonly peakRssMib: number;
}

/** The program ended with another code than 0, by a signal, or not in time. */
export class ProgramFailedError extends Error {
  override readonly name = "ProgramFailedError";
}

const gnuTime = "/usr/bin/time";

/** @throws where GNU time, by which memory is measured, is missing */
export function checkMeasuringTools(): void {
  if (!existsSync(gnuTime))
    throw new Error(`${gnuTime} is missing: install GNU time (Debian, Ubuntu: apt install time)`);
}

/**
 * Runs a program to its end and measures it. Output goes to a file in `directory`: a pipe would make the program wait
 * for its reader.
 *
 * After `timeoutMs`, or on an abort, the program and its children are killed.
 *
 * @throws ProgramFailedError, with the end of what was printed
 */
export async function measureProcess(
  { command, args, env }: Command,
  {
    directory,
    timeoutMs,
    signal,
  }: { readonly directory: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ProcessCost> {
  signal.throwIfAborted();
  const [outputFile, costFile] = [join(directory, "output"), join(directory, "cost")];
  const output = openSync(outputFile, "w");
  const { PATH = "", HOME = "" } = process.env;
  const startedAt = performance.now();
  const child = spawn(gnuTime, ["--quiet", "--format=%U %S %M", `--output=${costFile}`, command, ...args], {
    cwd: directory,
    env: { PATH, HOME, ...env },
    stdio: ["ignore", output, output],
    // A process group of its own: a signal to GNU time alone would leave the program behind.
    detached: true,
  });
  closeSync(output);
  const stop = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const kill = () => child.pid !== undefined && process.kill(-child.pid, "SIGKILL");
  stop.addEventListener("abort", kill);
  const [exitCode] = (await once(child, "exit")) as [number | null];
  const wallMs = performance.now() - startedAt;
  stop.removeEventListener("abort", kill);
  signal.throwIfAborted();
  if (exitCode !== 0) {
    const end = exitCode === null ? `did not end within ${timeoutMs / 1000} s` : `ended with ${exitCode}`;
    throw new ProgramFailedError(`${end}: ${lastLines(readFileSync(outputFile, "utf8"))}`);
  }
  const [user = 0, system = 0, peakRssKib = 0] = readFileSync(costFile, "utf8").trim().split(" ").map(Number);
  return { wallMs, cpuMs: (user + system) * 1000, peakRssMib: peakRssKib / 1024 };
}

function lastLines(output: string): string {
  const lines = output.trim().split("\n");
  return lines.slice(-3).join(" ").slice(-400);
}
