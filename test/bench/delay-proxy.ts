import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What has gone through the proxy since it was last asked. */
export interface Traffic {
  /** How often a client spoke after the server, the beginning and the end of a connection included. */
  readonly roundTrips: number;
  readonly connections: number;
}

/** A TCP proxy that holds every byte back for a while, in a process of its own: it must not wait for the benchmark. */
export interface DelayProxy extends AsyncDisposable {
  readonly port: number;
  /** Returns the traffic since the last call. */
  takeTraffic(): Promise<Traffic>;
}

/** Starts a proxy before a port of this machine; each direction is delayed by `oneWayMs`. */
export async function startDelayProxy(targetPort: number, oneWayMs: number): Promise<DelayProxy> {
  const program = fileURLToPath(new URL("delay-proxy-process.ts", import.meta.url));
  const child = fork(program, [String(targetPort), String(oneWayMs)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const port = await answer<number>(child);
  return {
    port,
    takeTraffic: async () => {
      child.send("take traffic");
      return await answer<Traffic>(child);
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const onExit = () => ended.abort(new Error("the delay proxy has ended"));
  child.once("exit", onExit);
  try {
    const [message] = await once(child, "message", { signal: ended.signal });
    return message as T;
  } catch (error) {
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    child.off("exit", onExit);
  }
}
