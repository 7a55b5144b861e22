import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";

/** A built command line as a child process, with what it has printed so far. */
export interface RunningCli {
  readonly process: ChildProcess;
  /** The JSON log lines, of stdout or stderr, wherever this command logs. */
  readonly log: readonly LogLine[];
  stdout(): string;
  /** Resolves with the first log line of this message; rejects when the process ends without it. */
  logged(message: string): Promise<LogLine>;
  ended(): Promise<CliResult>;
}

export interface CliResult {
  /** 128 + n for a process that signal n has killed does not occur: then it is -1. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly log: readonly LogLine[];
  /** The last log line. */
  readonly last: LogLine;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/**
 * Builds a package's bundle for one test file, in a folder of its own: another file may be running the one in `dist`
 * while it is written.
 */
export function buildBundle(name: "migrator" | "waiter"): string {
  const directory = mkdtempSync(join(tmpdir(), `migration-gate-${name}-`));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const bundle = join(directory, `${name}.mjs`);
  const cwd = fileURLToPath(new URL(`../../packages/${name}`, import.meta.url));
  const rolldown = join(cwd, "node_modules/.bin/rolldown");
  execFileSync(rolldown, ["--config", "rolldown.config.ts", "--log-level", "warn", "--dir", directory], { cwd });
  return bundle;
}

/**
 * Starts a bundle with exactly this environment; it is killed if it outlives the test.
 *
 * `launcher` is a command that becomes the one after it, as `nsenter` does.
 */
export function startCli(
  bundle: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  launcher: readonly string[] = [],
): RunningCli {
  const [command = process.execPath, ...rest] = [...launcher, process.execPath, bundle, ...args];
  const child = spawn(command, rest, { env, stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const output = { stdout: "", stderr: "" };
  const log: LogLine[] = [];
  const collect = (name: "stdout" | "stderr") => {
    let rest = "";
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      log.push(...lines.flatMap(parseLine));
      child.emit("log");
    });
  };
  collect("stdout");
  collect("stderr");
  const closed = once(child, "close") as Promise<[number | null]>;
  return {
    process: child,
    log,
    stdout: () => output.stdout,
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = log.find(({ msg }) => msg === message);
          if (line) resolve(line);
        };
        child.on("log", look);
        child.on("close", () =>
          reject(new Error(`ended without logging "${message}":\n${output.stdout}${output.stderr}`)),
        );
        look();
      }),
    ended: async () => {
      const [code] = await closed;
      const last = log.at(-1);
      if (!last) throw new Error(`no log at all:\n${output.stdout}${output.stderr}`);
      return { exitCode: code ?? -1, stdout: output.stdout, log, last };
    },
  };
}

function parseLine(line: string): LogLine[] {
  if (!line.startsWith('{"level"')) return [];
  return [JSON.parse(line) as LogLine];
}
