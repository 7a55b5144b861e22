import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { until } from "../../../tools/environment/until.ts";

export interface PartOptions {
  /** The program that holds all parts; `npm run cluster -- argocd` builds it. */
  readonly program: string;
  readonly name: "application-controller" | "redis" | "repo-server";
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Receives stdout and stderr. */
  readonly log: string;
  /** Fails until the part can be used. */
  readonly ready: () => Promise<void>;
}

/**
 * Starts one part of Argo CD and waits until it is ready; disposing of it ends it. It also ends with this process,
 * which holds its standard input.
 *
 * @throws when it is not ready after a minute, with the end of its log.
 */
export async function startPart({ program, name, args, env, log, ready }: PartOptions): Promise<AsyncDisposable> {
  const file = await open(log, "a");
  const part = spawn(program, [name, ...args], {
    env: { ...process.env, ...env },
    stdio: ["pipe", file.fd, file.fd],
  });
  const started = once(part, "spawn");
  await file.close();
  await started;
  try {
    await until(`Argo CD's ${name} is ready`, async () => {
      await ready();
      return true;
    });
  } catch (cause) {
    await end(part);
    const lines = (await readFile(log, "utf8")).split("\n");
    throw new Error(`Argo CD's ${name} does not start:\n${lines.slice(-20).join("\n")}`, { cause });
  }
  return { [Symbol.asyncDispose]: () => end(part) };
}

async function end(part: ChildProcess): Promise<void> {
  if (part.exitCode !== null || part.signalCode !== null) return;
  const ended = once(part, "exit");
  part.kill("SIGTERM");
  const impatience = setTimeout(() => part.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(impatience);
}
